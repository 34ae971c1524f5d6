# Writes multiverse_grid.json: every specification of a small multiverse by lm and rlm, in its order.
# Run in tests/parity: Rscript multiverse_grid.R
suppressMessages({library(sandwich); library(MASS); library(Hmisc); library(jsonlite)})
d <- subset(read.csv("data/long.csv"), wave == 0)
x <- d$glute; s <- sd(x); ends <- mean(x) + c(-1, 1) * s / 2
y <- list(pain = d$pain / sd(d$pain), days = d$days / sd(d$days))
sets <- list(c("age", "female", "bmi", "prior_lbp"), c("age", "female", "bmi"))
knots <- rcspline.eval(x, nk = 4, knots.only = TRUE)
bend <- function(v) rcspline.eval(v, knots = knots, inclx = TRUE)
forms <- list(linear = cbind(x / s), log = cbind(log(x) / diff(log(ends))), spline = bend(x))
turn <- list(linear = 1, log = 1, spline = drop(diff(bend(ends))))
out <- NULL
for (huber in c(FALSE, TRUE)) for (gone in c(FALSE, TRUE)) for (z in sets) for (f in names(forms)) for (o in names(y)) {
  use <- if (gone) d$prior_lbp == 0 else rep(TRUE, nrow(d))
  Z <- as.matrix(d[use, setdiff(z, if (gone) "prior_lbp")]); X <- forms[[f]][use, , drop = FALSE]; v <- y[[o]][use]
  m <- if (huber) rlm(v ~ X + Z, acc = 1e-13, maxit = 2000) else lm(v ~ X + Z)
  V <- if (huber) sandwich(m) else vcovHC(m, "HC3")
  at <- 1 + seq_len(ncol(X)); w <- turn[[f]]
  out <- rbind(out, c(sum(w * coef(m)[at]), sqrt(drop(t(w) %*% V[at, at] %*% w)), sum(use)))
}
write_json(list(estimate = out[, 1], se = out[, 2], n = out[, 3]), "multiverse_grid.json", digits = NA, pretty = TRUE)
