# Writes sensitivity.json: E-values, robustness values, negative controls, calibration, measurement
# error, SIMEX. Run in tests/parity: Rscript sensitivity.R (also writes data/darfur.csv).
# Packages beside Debian's: EValue 4.1.4, sensemakr 0.1.6, simex 1.8, EmpiricalCalibration 3.1.4.
suppressMessages({library(EValue); library(sensemakr); library(simex); library(EmpiricalCalibration)
                  library(sandwich); library(numDeriv); library(jsonlite)})
tight <- glm.control(epsilon = 1e-14, maxit = 100)
ev <- function(f, ...) {m <- suppressMessages(suppressWarnings(f(...)))
                        list(ratio = unname(m[1, ]), value = unname(m[2, ]))}
evalue <- list(
  rr = ev(evalues.RR, 3.9, 1.8, 8.7), rr_below = ev(evalues.RR, 0.8, 0.7, 1.1), rr_true = ev(evalues.RR, 1.5, 1.2, 1.9, true = 2),
  or_common = ev(evalues.OR, 0.86, 0.75, 0.99, rare = FALSE), or_rare = ev(evalues.OR, 2.1, 1.1, 4, rare = TRUE),
  hr_common = ev(evalues.HR, 0.56, 0.46, 0.69, rare = FALSE), hr_rare = ev(evalues.HR, 0.56, 0.46, 0.69, rare = TRUE),
  md = ev(evalues.MD, 0.5, 0.25), md_null = ev(evalues.MD, -0.2, 0.25), md_true = ev(evalues.MD, 0.5, 0.05, true = 0.1),
  ols = ev(evalues.OLS, -2, 0.5, sd = 3, delta = 1), ols_wide = ev(evalues.OLS, 0.4, 0.1, sd = 2, delta = 2.5))
rd <- lapply(list(c(40, 60, 20, 80), c(300, 700, 240, 1760), c(55, 45, 50, 50), c(12, 30, 4, 90)), function(k)
  c(given = list(k), suppressMessages(evalues.RD(k[1], k[2], k[3], k[4], grid = 1e-6)[c("est.Evalue", "lower.Evalue")])))

data("darfur"); village <- as.integer(factor(darfur$village))
keep <- c("peacefactor", "directlyharmed", "age", "farmer_dar", "herder_dar", "pastvoted", "hhsize_darfur", "female")
write.csv(cbind(darfur[keep], village), "data/darfur.csv", row.names = FALSE)
d <- read.csv("data/darfur.csv"); d$village <- factor(d$village)
m <- lm(peacefactor ~ directlyharmed + age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female + village, d)
s <- sensemakr(m, treatment = "directlyharmed", benchmark_covariates = list(female = "female", work = c("farmer_dar", "herder_dar")), kd = 1:3)
strong <- lapply(list(c(20, 100, 1), c(60, 50, 1), c(2.2, 30, 1), c(4, 40, .5), c(1, 40, 1)), function(v)
  list(given = v, rv = as.numeric(robustness_value(v[1], dof = v[2], q = v[3], alpha = 1)),
       rv_alpha = as.numeric(robustness_value(v[1], dof = v[2], q = v[3], alpha = .05))))
e <- s$sensitivity_stats; r2 <- list(c(.05, .05), c(.1, .3), c(.02, .6))
adjusted <- lapply(r2, function(r) c(adjusted_estimate(e$estimate, e$se, e$dof, r[1], r[2]), adjusted_se(e$estimate, se = e$se, dof = e$dof, r2dz.x = r[1], r2yz.dx = r[2]),
  as.numeric(adjusted_t(e$estimate, e$se, e$dof, r[1], r[2])), adjusted_ci(e$estimate, e$se, e$dof, r[1], r[2]),
  adjusted_estimate(e$estimate, e$se, e$dof, r[1], r[2], reduce = FALSE)))
b <- subset(read.csv("data/long.csv"), wave == 0)
o <- lm(pain ~ glute + age + female + bmi + prior_lbp, b)
so <- sensemakr(o, treatment = "glute", benchmark_covariates = "prior_lbp", kd = 1:3)
both <- function(s) list(stats = s$sensitivity_stats, bounds = s$bounds)

# Negative controls: two models of the same people, stacked by hand.
long <- read.csv("data/long.csv"); long <- long[complete.cases(long), ]
m1 <- lm(scale(pain) ~ glute + age + female, long); m2 <- lm(scale(bmi) ~ glute + age + female, long)
m3 <- glm(lbp ~ glute + age + female, binomial, long, control = tight)
share <- function(m) estfun(m) %*% bread(m) / nobs(m)
S <- rowsum(cbind(share(m1)[, 2], share(m2)[, 2], share(m3)[, 2]), long$id); V <- crossprod(S)
est <- unname(c(coef(m1)[2], coef(m2)[2], coef(m3)[2]))
controls <- list(estimates = est, se = sqrt(diag(V)), cov = V, gap = est[1] - est[2:3],
                 gap_se = sqrt(V[1, 1] + diag(V)[2:3] - 2 * V[1, 2:3]),
                 joint = drop(t(est[2:3]) %*% solve(V[2:3, 2:3], est[2:3])))

# Calibration: the package's optimum, refined.
data(sccs); nc <- sccs[sccs$groundTruth == 0, ]; pos <- sccs[sccs$groundTruth == 1, ]
nll <- function(t) -sum(dnorm(nc$logRr, t[1], sqrt(exp(2 * t[2]) + nc$seLogRr^2), log = TRUE))
start <- fitNull(nc$logRr, nc$seLogRr)
fit <- optim(c(start[1], log(start[2])), nll, method = "BFGS", control = list(reltol = 1e-16, maxit = 1000))
null <- c(fit$par[1], exp(fit$par[2])); names(null) <- c("mean", "sd"); class(null) <- "null"
calibration <- list(log_rr = nc$logRr, se = nc$seLogRr, package = unclass(start), null = unclass(null),
                    positive = c(pos$logRr, pos$seLogRr), p = calibrateP(null, pos$logRr, pos$seLogRr))

# Regression calibration by hand, its sandwich by numerical derivatives.
su2 <- 0.03; su2_se <- 0.008; n <- nrow(b); Z <- model.matrix(~ age + female, b)
a <- lm(glute ~ age + female, b); v <- sum(resid(a)^2) / a$df.residual; lam <- 1 - su2 / v
b$xhat <- fitted(a) + lam * resid(a)
rc <- lapply(list(linear = lm(pain ~ xhat + age + female, b), logistic = glm(lbp ~ xhat + age + female, binomial, b, control = tight)), function(m) {
  y <- m$y; if (is.null(y)) y <- b$pain; inv <- if (inherits(m, "glm")) plogis else identity
  psi <- function(t, s) {r <- drop(b$glute - Z %*% t[1:3]); lam <- 1 - s / t[4]
    X <- cbind(1, drop(Z %*% t[1:3]) + lam * r, Z[, 2:3]); mu <- inv(drop(X %*% t[5:8]))
    # The naive score in the corrected coefficients: the fit is the same model, reparametrised.
    cbind(Z * r, r^2 - t[4] * (n - 3) / n, cbind(1, b$glute, Z[, 2:3]) * (y - mu))}
  theta <- unname(c(coef(a), v, coef(m)))
  A <- jacobian(function(t) colMeans(psi(t, su2)), theta); M <- psi(theta, su2)
  V <- solve(A, t(solve(A, crossprod(M) / n))) / n
  D <- -solve(A, jacobian(function(s) colMeans(psi(theta, s)), su2))
  list(coef = unname(coef(m)), se = sqrt(diag(V))[5:8], se_error = sqrt(diag(V + D %*% t(D) * su2_se^2))[5:8])
})

# SIMEX with many replicates.
set.seed(3)
one <- function(m, B) {
  L <- cbind(1, c(0, .5, 1, 1.5, 2), c(0, .5, 1, 1.5, 2)^2); weigh <- drop(c(1, -1, 1) %*% solve(crossprod(L), t(L)))
  s <- simex(m, "glute", sqrt(su2), B = B, asymptotic = TRUE); k <- refit(s, "linear", "linear")
  noise <- sapply(s$theta, function(t) sqrt(sum(weigh[-1]^2 * apply(t, 2, var)) / B))
  list(coef = unname(coef(s)), simulation_se = unname(noise), asymptotic = unname(sqrt(diag(s$variance.asymptotic))), jackknife = unname(sqrt(diag(s$variance.jackknife))),
       linear = unname(coef(k)), naive = unname(coef(m)))
}
nl <- lm(pain ~ glute + age + female, b, x = TRUE, y = TRUE)
ng <- glm(lbp ~ glute + age + female, binomial, b, x = TRUE, y = TRUE, control = tight)
write_json(list(evalue = evalue, rd = rd, darfur = both(s), strong = strong, adjusted = adjusted, glute = both(so), controls = controls,
                calibration = calibration, rc = c(rc, reliability = lam), simex = list(linear = one(nl, 1000), logistic = one(ng, 600))),
           "sensitivity.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, force = TRUE)
