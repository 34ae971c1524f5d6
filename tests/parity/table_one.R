# Writes data/table_one.csv and table_one.json: summaries and standardised differences in base R.
# Run: Rscript tests/parity/table_one.R
# The formulas of Yang and Dalton (SAS Global Forum 335-2012), by hand: no package is needed.
library(jsonlite)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(20)
n <- 160
lbp <- rbinom(n, 1, 0.6)
d <- data.frame(
  participant_id = sprintf("P%03d", 1:n),
  lbp = lbp,
  diagnosis = sample(c("normal", "disc_hernia", "spondylolisthesis"), n, TRUE, c(.5, .3, .2)),
  age_years = round(rnorm(n, 43 + 2 * lbp, 13), 1),
  bmi_kg_m2 = round(exp(rnorm(n, 3.26 + 0.03 * lbp, 0.16)), 3),
  phq9 = rpois(n, 4 + 2 * lbp),
  leg_length_diff_mm = round(abs(rnorm(n, 0, 5))^1.7, 2),
  sex = ifelse(runif(n) < 0.55, "f", "m"),
  occ_lifting = sample(0:2, n, TRUE, c(.5, .3, .2)),
  prior_lbp = rbinom(n, 1, plogis(-0.5 + lbp))
)
for (v in c("age_years", "phq9", "sex", "occ_lifting", "prior_lbp")) d[sample(n, 9), v] <- NA
write.csv(d, file.path(here, "data", "table_one.csv"), row.names = FALSE, quote = FALSE, na = "")

smd_mean <- function(a, b) {
  (mean(b, na.rm = TRUE) - mean(a, na.rm = TRUE)) / sqrt((var(a, na.rm = TRUE) + var(b, na.rm = TRUE)) / 2)
}
smd_levels <- function(a, b) {
  levels <- sort(unique(c(a, b)))
  p <- as.numeric(prop.table(table(factor(a, levels))))[-1]
  q <- as.numeric(prop.table(table(factor(b, levels))))[-1]
  k <- length(p)
  S <- matrix(NA, k, k)
  for (i in 1:k) for (j in 1:k) {
    S[i, j] <- if (i == j) (p[i] * (1 - p[i]) + q[i] * (1 - q[i])) / 2 else -(p[i] * p[j] + q[i] * q[j]) / 2
  }
  d <- q - p
  if (k == 1) as.numeric(d / sqrt(S)) else sqrt(as.numeric(t(d) %*% solve(S) %*% d))
}
interval <- function(d, a, b) {
  n1 <- sum(!is.na(a)); n2 <- sum(!is.na(b))
  se <- sqrt((n1 + n2) / (n1 * n2) + d^2 / (2 * (n1 + n2)))
  list(smd = d, se = se, low = d - qnorm(.975) * se, high = d + qnorm(.975) * se, n = n1 + n2)
}
describe <- function(v) {
  q <- quantile(v, c(.25, .5, .75), na.rm = TRUE, type = 7, names = FALSE)
  w <- v[!is.na(v)]
  m <- mean(w)
  list(n = length(w), mean = m, sd = sd(w), median = q[2], q1 = q[1], q3 = q[3],
       skewness = mean((w - m)^3) / mean((w - m)^2)^1.5)
}
numbers <- c("age_years", "bmi_kg_m2", "phq9", "leg_length_diff_mm")
levels <- c("sex", "occ_lifting", "prior_lbp")
out <- list(lbp = list(), diagnosis = list())
for (v in numbers) {
  a <- d[d$lbp == 0, v]; b <- d[d$lbp == 1, v]
  out$lbp[[v]] <- c(interval(smd_mean(a, b), a, b),
    list(missing = sum(is.na(d[[v]])), groups = list(describe(a), describe(b), describe(d[[v]]))))
}
for (v in levels) {
  a <- d[d$lbp == 0, v]; b <- d[d$lbp == 1, v]
  out$lbp[[v]] <- c(interval(smd_levels(a, b), a, b), list(missing = sum(is.na(d[[v]])),
    percent = 100 * as.numeric(prop.table(table(d[[v]][d$lbp == 1])))))
}
for (g in c("disc_hernia", "spondylolisthesis")) {
  out$diagnosis[[g]] <- list()
  for (v in c(numbers, levels)) {
    a <- d[d$diagnosis == "normal", v]; b <- d[d$diagnosis == g, v]
    f <- if (v %in% numbers) smd_mean else smd_levels
    out$diagnosis[[g]][[v]] <- interval(f(a, b), a, b)
  }
}
write_json(out, file.path(here, "table_one.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
