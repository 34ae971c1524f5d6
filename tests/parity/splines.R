# Writes splines.json. Run in tests/parity: Rscript splines.R
suppressMessages({library(Hmisc); library(rms); library(sandwich); library(jsonlite)})
base <- subset(read.csv("data/long.csv"), wave == 0)
basis <- function(x, k) {b <- rcspline.eval(x, nk = k, inclx = TRUE, norm = 2)
  list(knots = attr(b, "knots"), first = unname(b[1:5, ]), sums = unname(colSums(b)))}
m <- ols(pain ~ rcs(glute, 4) + age + female, base); a <- anova(m)
l <- lm(pain ~ rcspline.eval(glute, nk = 4, inclx = TRUE) + age + female, base)
V <- vcovHC(l, "HC3"); at <- 3:4; b <- coef(l)[at]
f <- drop(t(b) %*% solve(V[at, at]) %*% b) / 2
answers <- list(
  basis = lapply(setNames(3:7, paste0("k", 3:7)), function(k) basis(base$glute, k)),
  few = basis(base$glute[1:40], 4), coef = unname(coef(m)),
  nonlinear = unname(a[" Nonlinear", c("F", "d.f.", "P")]),
  robust = c(f, pf(f, 2, l$df.residual, lower.tail = FALSE))
)
write_json(answers, "splines.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
