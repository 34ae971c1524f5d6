# Writes group_difference.json: every number that the analysis reports, in its order.
# Run in tests/parity: Rscript group_difference.R
suppressMessages({library(sandwich); library(effectsize); library(jsonlite)})
d <- subset(read.csv("data/long.csv"), wave == 0)
d$mass <- 20 * d$bmi / 8 + d$age / 10  # a mass, made as the test makes it
d$nm <- d$glute * d$mass
row <- function(est, se, df, ci, p) list(estimate = unname(est), se = unname(se), df = unname(df),
                                         low = ci[[1]], high = ci[[2]], p = unname(p))
adjusted <- function(formula, data, level = .95) {
  m <- lm(formula, data); V <- vcovHC(m, "HC3"); e <- coef(m)[["lbp"]]; s <- sqrt(V["lbp", "lbp"])
  df <- m$df.residual
  row(e, s, df, e + c(-1, 1) * qt((1 + level) / 2, df) * s, 2 * pt(-abs(e / s), df))}
x <- d$glute[d$lbp == 1]; y <- d$glute[d$lbp == 0]; n1 <- length(x); n0 <- length(y)
main <- lm(glute ~ lbp + age + female + bmi + prior_lbp, d)
head <- adjusted(glute ~ lbp + age + female + bmi + prior_lbp, d)
w <- t.test(x, y); v <- var.test(x, y); r <- rank_biserial(x, y); g <- hedges_g(x, y); cd <- cohens_d(x, y)
h <- sqrt(1 / n1 + 1 / n0); t0 <- cd$Cohens_d / h; J <- g$Hedges_g / cd$Cohens_d
ncp <- function(p) uniroot(function(k) pt(t0, n1 + n0 - 2, k) - p, t0 + c(-9, 9), tol = 1e-13)$root
sd_in <- sqrt((var(x) * (n1 - 1) + var(y) * (n0 - 1)) / (n1 + n0 - 2)); b <- .2 * sd_in
tost <- max(pt((head$estimate + b) / head$se, head$df, lower.tail = FALSE),
            pt((head$estimate - b) / head$se, head$df))
z <- qnorm(.975)
women <- adjusted(glute ~ lbp + age + bmi + prior_lbp, subset(d, female == 1))
men <- adjusted(glute ~ lbp + age + bmi + prior_lbp, subset(d, female == 0))
gap <- men$estimate - women$estimate; sg <- sqrt(men$se^2 + women$se^2)
rows <- list(
  head,
  row(w$estimate[[1]] - w$estimate[[2]], w$stderr, w$parameter, w$conf.int, w$p.value),
  row(g$Hedges_g, J * sqrt(1 / n1 + 1 / n0 + cd$Cohens_d^2 / (2 * (n1 + n0))), n1 + n0 - 2,
      c(ncp(.975), ncp(.025)) * h * J, t.test(x, y, var.equal = TRUE)$p.value),
  row(v$estimate, sqrt(2 / (n1 - 1) + 2 / (n0 - 1)), n1 - 1, v$conf.int, v$p.value),
  row(r$r_rank_biserial, sqrt((n1 + n0 + 1) / (3 * n1 * n0)), NA, c(r$CI_low, r$CI_high),
      2 * pnorm(-abs(atanh(r$r_rank_biserial)) / sqrt((n1 + n0 + 1) / (3 * n1 * n0)))),
  row(head$estimate, head$se, head$df, head$estimate + c(-1, 1) * qt(.95, head$df) * head$se, tost),
  adjusted(glute ~ lbp + age + female, d),
  adjusted(nm ~ lbp + age + female + bmi + prior_lbp + log(mass), d),
  women, men, row(gap, sg, NA, gap + c(-1, 1) * z * sg, 2 * pnorm(-abs(gap / sg))))
e <- residuals(main); e <- e - mean(e); m2 <- mean(e^2)
smd <- function(k) (mean(d[[k]][d$lbp == 1]) - mean(d[[k]][d$lbp == 0])) /
  sqrt((var(d[[k]][d$lbp == 1]) + var(d[[k]][d$lbp == 0])) / 2)
answers <- list(rows = rows, diagnostics = c(
  n1, n0, 1, max(hatvalues(main)), head$se / sqrt(vcov(main)["lbp", "lbp"]),
  mean(e^3) / m2^1.5, mean(e^4) / m2^2 - 3, smd("age"), -smd("female"), smd("bmi"), smd("prior_lbp")),
  bound = b, sd = sd_in)
write_json(answers, "group_difference.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null")
