# Writes data/risks.csv and calibration.json: val.prob, lowess, cluster-robust calibration, decision curves.
# Run: Rscript tests/parity/calibration.R
suppressMessages({library(jsonlite); library(rms); library(sandwich)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(21)
n <- 300; person <- rep(1:150, each = 2); z <- rnorm(n) + rep(rnorm(150, 0, .7), each = 2)
y <- rbinom(n, 1, plogis(-1 + .9 * z)); p <- round(plogis(-.7 + 1.3 * z + rnorm(n, 0, .3)), 3)
write.csv(data.frame(person, y, p), file.path(here, "data", "risks.csv"), row.names = FALSE)
v <- val.prob(p, y, pl = FALSE)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
lp <- qlogis(p)
large <- glm(y ~ offset(lp), family = binomial, control = tight); line <- glm(y ~ lp, family = binomial, control = tight)
se <- function(m, type = NULL) unname(sqrt(diag(if (is.null(type)) vcov(m) else vcovCL(m, cluster = person, type = "HC0", cadjust = TRUE))))
low <- lowess(p, y, iter = 0); few <- lowess(cars$speed, cars$dist, f = .4, iter = 0, delta = 0)
b <- (y - p)^2; bm <- lm(b ~ 1); ym <- lm(y ~ 1)
at <- c(.05, .1, .2, .3, .5, .7)
nb <- sapply(at, function(t) c(sum(p >= t & y == 1) / n - sum(p >= t & y == 0) / n * t / (1 - t), mean(y) - (1 - mean(y)) * t / (1 - t)))
answers <- list(val_prob = as.list(v), names = names(v),
  large = c(coef(large)[[1]], se(large), se(large, 1)), line = list(coef = unname(coef(line)), se = se(line), robust = se(line, 1)),
  brier_se = c(sqrt(var(b) / n), se(bm, 1)), share_se = se(ym, 1), expected = sum(p),
  speed = cars$speed, dist = cars$dist, lowess = unname(approx(low, xout = sort(p), ties = mean)$y), cars = few$y, at = at, net_benefit = nb[1, ], treat_all = nb[2, ])
write_json(answers, file.path(here, "calibration.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
