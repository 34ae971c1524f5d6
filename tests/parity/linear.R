# Writes linear.json: least squares with every covariance, from R's own packages.
# Run in tests/parity: Rscript linear.R
suppressMessages({library(sandwich); library(clubSandwich); library(jsonlite)})
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0)
m <- lm(pain ~ glute + age + female + bmi + prior_lbp, base)
kinds <- c("HC0", "HC1", "HC2", "HC3")
se <- sapply(kinds, function(k) sqrt(diag(vcovHC(m, k))))
hc3 <- vcovHC(m, "HC3"); df <- m$df.residual
est <- coef(m)[["glute"]]; s <- sqrt(hc3["glute", "glute"])
wald_at <- c("age", "bmi"); b <- coef(m)[wald_at]
f <- drop(t(b) %*% solve(hc3[wald_at, wald_at]) %*% b) / 2
pooled <- lm(pain ~ glute + wave + age + female, long)
ct <- coef_test(pooled, vcov = "CR2", cluster = long$id)
lc <- linear_contrast(pooled, vcov = "CR2", cluster = long$id,
                      contrasts = matrix(c(0, 1, 0, 0.02, -1), 1), test = "Satterthwaite")
answers <- list(
  coef = unname(coef(m)), classical = unname(sqrt(diag(vcov(m)))),
  hc = lapply(as.data.frame(se), unname), leverage_max = max(hatvalues(m)),
  glute = c(est, s, df, est + c(-1, 1) * qt(.975, df) * s, 2 * pt(-abs(est / s), df)),
  wald = c(f, 2, df, pf(f, 2, df, lower.tail = FALSE)), loglik = as.numeric(logLik(m)),
  cr2 = list(coef = ct$beta, se = ct$SE, df = ct$df_Satt, p = ct$p_Satt),
  cr2_contrast = c(lc$Est, lc$SE, lc$df)
)
write_json(answers, "linear.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
