# Writes effect_size.json. Run in tests/parity: Rscript effect_size.R
suppressMessages({library(effectsize); library(jsonlite)})
base <- subset(read.csv("data/long.csv"), wave == 0)
x <- base$glute[base$lbp == 1]; y <- base$glute[base$lbp == 0]
w <- t.test(x, y); v <- var.test(x, y)
g <- hedges_g(x, y); d <- cohens_d(x, y); r <- rank_biserial(x, y)
# effectsize finds the noncentrality with a coarse optimiser; the same definition, solved tightly:
n <- length(x) + length(y); h <- sqrt(1 / length(x) + 1 / length(y)); t0 <- d$Cohens_d / h
ncp <- function(p) uniroot(function(k) pt(t0, n - 2, k) - p, t0 + c(-9, 9), tol = 1e-13)$root
J <- g$Hedges_g / d$Cohens_d
se <- w$stderr; est <- unname(w$estimate[1] - w$estimate[2]); df <- unname(w$parameter); bound <- .1
rounded_x <- round(x, 1); rounded_y <- round(y, 1); rt <- rank_biserial(rounded_x, rounded_y)
answers <- list(
  welch = c(est, se, df, w$conf.int, w$p.value),
  d = c(d$Cohens_d, d$CI_low, d$CI_high), g = c(g$Hedges_g, g$CI_low, g$CI_high),
  d_tight = c(ncp(.975), ncp(.025)) * h, g_tight = c(ncp(.975), ncp(.025)) * h * J,
  t_p = t.test(x, y, var.equal = TRUE)$p.value,
  variance_ratio = c(unname(v$estimate), v$conf.int, v$p.value),
  rank_biserial = c(r$r_rank_biserial, r$CI_low, r$CI_high),
  rank_biserial_ties = c(rt$r_rank_biserial, rt$CI_low, rt$CI_high),
  tost = c(pt((est + bound) / se, df, lower.tail = FALSE), pt((est - bound) / se, df),
           est + c(-1, 1) * qt(.95, df) * se)
)
write_json(answers, "effect_size.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
