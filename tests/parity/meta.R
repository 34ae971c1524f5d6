# Writes meta.json: random-effects meta-analysis and equivalence. Run in tests/parity: Rscript meta.R
suppressMessages({library(metafor); library(jsonlite)})
d <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
fine <- list(threshold = 1e-14, maxiter = 1000, tol = 1e-12)
one <- function(method, y = d$yi, v = d$vi) {
  m <- rma(y, v, method = method, control = fine); k <- rma(y, v, method = method, test = "knha", control = fine)
  p <- predict(m); q <- predict(k)
  list(b = c(m$b), se = m$se, tau2 = m$tau2, i2 = m$I2, q = m$QE, qp = m$QEp, ci = c(m$ci.lb, m$ci.ub), pi = c(p$pi.lb, p$pi.ub),
       knha = list(se = k$se, p = k$pval, ci = c(k$ci.lb, k$ci.ub), pi = c(q$pi.lb, q$pi.ub)), weights = unname(weights(m)) / 100)
}
methods <- c(DL = "DL", REML = "REML", PM = "PM", ML = "ML")
homogeneous <- list(y = c(.1, .12, .09, .11, .1), v = c(.02, .03, .02, .05, .01))
# Welch with two one-sided tests, as TOSTER's tsum_TOST: means .75 and .25, SDs .7 and .8, n 50 and 55, bounds -1 and 1.
se <- sqrt(.7^2 / 50 + .8^2 / 55); df <- se^4 / ((.7^2 / 50)^2 / 49 + (.8^2 / 55)^2 / 54)
t <- (.5 + c(1, -1)) / se
write_json(list(yi = c(d$yi), vi = c(d$vi), bcg = lapply(methods, one), homogeneous = homogeneous,
                none = lapply(methods, one, homogeneous$y, homogeneous$v),
                tost = list(se = se, df = df, t = t, p = c(pt(t[1], df, lower.tail = FALSE), pt(t[2], df)))),
           "meta.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
