# Writes pooled.json: headlines of five completed data sets pooled by mice::pool.scalar.
# Run in tests/parity: Rscript pooled.R
suppressMessages({library(mice); library(sandwich); library(jsonlite)})
every <- read.csv("data/pooled.csv")
sets <- split(every, every$m)
per <- 0.25  # Nm/kg: one amount for all imputations
pool_one <- function(fits, name, k, n, ratio) {
  q <- per * sapply(fits, function(f) coef(f)[[name]])
  u <- per^2 * sapply(fits, function(f) vcovHC(f, "HC3")[name, name])
  p <- pool.scalar(q, u, n = if (ratio) Inf else n, k = k)
  half <- qt(0.975, p$df) * sqrt(p$t)
  back <- if (ratio) exp else identity
  list(estimate = back(p$qbar), se = sqrt(p$t), df = p$df, low = back(p$qbar - half),
       high = back(p$qbar + half), p = 2 * pt(-abs(p$qbar / sqrt(p$t)), p$df), fmi = p$fmi)}
tight <- glm.control(epsilon = 1e-14, maxit = 100)
linear <- lapply(sets, function(d) lm(nprs_avg ~ hip_abd_nm_kg + age_years + sex, d))
logistic <- lapply(sets, function(d) glm(lbp ~ hip_abd_nm_kg + age_years + sex, binomial, d, control = tight))
x <- "hip_abd_nm_kg"
write_json(list(linear = pool_one(linear, x, 4, 60, FALSE), logistic = pool_one(logistic, x, 4, 60, TRUE)),
           "pooled.json", auto_unbox = TRUE, digits = NA, pretty = TRUE)
