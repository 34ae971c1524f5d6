# Writes design_power.json: power, smallest effect and size by R's power.t.test and by formula.
# Run in tests/parity: Rscript design_power.R
suppressMessages(library(jsonlite))
tt <- function(n, delta, sd, power = NULL) power.t.test(n = n, delta = delta, sd = sd, power = power,
                                                       strict = TRUE, tol = 1e-12)
# Arms: 240 enrolled, 12 % lost, 1:1; SD 1.8, correlation .64; effect .54
sd <- 1.8 * sqrt(1 - .64^2); n <- round(240 * .88) / 2
arm <- list(power = tt(n, .54, sd)$power,
            effect = sapply(c(.8, .9), function(p) tt(n, NULL, sd, p)$delta),
            size = sapply(c(.8, .9), function(p) ceiling(2 * tt(NULL, .54, sd, p)$n / .88)))
# Groups of unequal size: 400, 40 % in the second; SD .32, covariates explain .32; effect .05
s <- .32 * sqrt(1 - .32); a <- 240; b <- 160
unequal <- function(d) {k <- qt(.975, a + b - 2); m <- d / s / sqrt(1 / a + 1 / b)
  pt(k, a + b - 2, m, lower.tail = FALSE) + pt(-k, a + b - 2, m)}
group <- list(power = unequal(.05),
              effect = sapply(c(.8, .9), function(p) uniroot(function(d) unequal(d) - p, c(.001, 1), tol = 1e-12)$root))
# Hazard ratio .6 per SD: 160 at risk, 14.6 % events; reliability .9, covariates explain .4
left <- .6; kept <- left / (left + 1 / .9 - 1)
two <- function(m) pnorm(m - qnorm(.975)) + pnorm(-m - qnorm(.975))
hazard <- function(b, n) two(abs(b) * sqrt(left * kept * n * .146))
incidence <- list(power = hazard(log(.6), 160),
  effect = sapply(c(.8, .9), function(p) exp(-uniroot(function(b) hazard(b, 160) - p, c(.01, 5), tol = 1e-12)$root)),
  size = sapply(c(.8, .9), function(p) ceiling(uniroot(function(n) hazard(log(.6), n) - p, c(20, 1e5), tol = 1e-9)$root)))
write_json(list(arm_difference = arm, group_difference = group, incidence = incidence),
           "design_power.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
