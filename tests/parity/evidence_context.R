# Writes evidence_context.json: published results in standard deviations, pooled by metafor, and the
# difference of a cohort from them. Run in tests/parity: Rscript evidence_context.R
suppressMessages({library(metafor); library(effectsize); library(jsonlite)})
d <- subset(read.csv("data/long.csv"), wave == 0)
g <- hedges_g(d$glute[d$lbp == 1], d$glute[d$lbp == 0])
n1 <- sum(d$lbp == 1); n0 <- sum(d$lbp == 0)
cd <- cohens_d(d$glute[d$lbp == 1], d$glute[d$lbp == 0])$Cohens_d; J <- g$Hedges_g / cd
ours <- c(g$Hedges_g, J * sqrt(1 / n1 + 1 / n0 + cd^2 / (2 * (n1 + n0))))
correct <- function(x, a, b) {m <- a + b - 2; J <- exp(lgamma(m / 2) - lgamma((m - 1) / 2)) / sqrt(m / 2)
  c(J * x, J * sqrt(1 / a + 1 / b + x^2 / (2 * (a + b))))}
side <- function(md, low, high) {  # Pizol 2023: 40 and 40
  sd <- (high - low) / 2 / qt(.975, 78) / sqrt(2 / 40); correct(-md / sd, 40, 40)}
pizol <- (side(28.1, 9.4, 46.9) + side(30.4, 11.9, 49)) / 2
p <- function(p) correct(-qt(1 - p / 2, 41) * sqrt(1 / 21 + 1 / 22), 21, 22)
penney <- (p(.04) + p(.002)) / 2
sutherlin <- correct(0, 12, 12)
desousa <- c(-.7, (.9 - .49) / 2 / qnorm(.975))
gap <- function(them, df) {
  v <- ours[2]^2 + them[2]^2; m <- n1 + n0 - 2
  f <- v^2 / (ours[2]^4 / m + if (is.finite(df)) them[2]^4 / df else 0)
  list(estimate = ours[1] - them[1], se = sqrt(v), df = f,
       low = ours[1] - them[1] - qt(.975, f) * sqrt(v), high = ours[1] - them[1] + qt(.975, f) * sqrt(v))}
y3 <- rbind(pizol, penney, sutherlin)
three <- rma(y3[, 1], sei = y3[, 2], method = "REML", test = "knha", control = list(threshold = 1e-14, maxiter = 1000))
pi3 <- predict(three)
y2 <- rbind(desousa, pizol)
two <- rma(y2[, 1], sei = y2[, 2], method = "REML", control = list(threshold = 1e-14, maxiter = 1000))
write_json(list(
  ours = ours, pizol = pizol, penney = penney, sutherlin = sutherlin,
  two = list(pooled = c(two$b, two$se), gap = gap(c(two$b, two$se), Inf)),
  three = list(pooled = c(three$b, three$se), tau2 = three$tau2, i2 = three$I2,
    low = three$ci.lb, high = three$ci.ub, prediction = c(pi3$pi.lb, pi3$pi.ub),
    gap = gap(c(three$b, three$se), 2))),
  "evidence_context.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
