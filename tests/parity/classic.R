# Writes classic.json: textbook data sets whose answers are widely printed.
# Run in tests/parity: Rscript classic.R
suppressMessages({library(sandwich); library(clubSandwich); library(MASS); library(ordinal); library(brglm2)
                  library(lme4); library(jsonlite)})
read <- function(name) read.csv(file.path("data", paste0(name, ".csv")))
tight <- glm.control(epsilon = 1e-14, maxit = 200)
se <- function(V) unname(sqrt(diag(V)))
kinds <- c("HC0", "HC1", "HC2", "HC3")
hc <- function(m) lapply(setNames(kinds, kinds), function(k) se(vcovHC(m, k)))

birth <- read("birthwt"); birth$race <- factor(birth$race)
f <- low ~ age + lwt + race + smoke + ptl + ht + ui
logit <- glm(f, binomial, birth, control = tight)
pois <- glm(f, poisson, birth, control = tight)
ols <- lm(update(f, bwt ~ .), birth)
firth <- glm(f, binomial, birth, method = "brglmFit", type = "AS_mean", control = list(epsilon = 1e-13, maxit = 500))
# Standardised risks, everyone a smoker or nobody; delta method with the model's covariance.
set <- function(v) model.matrix(f, within(birth, smoke <- v))
X <- list(set(0), set(1)); mu <- lapply(X, function(x) plogis(drop(x %*% coef(logit))))
G <- t(mapply(function(x, m) colMeans(x * m * (1 - m)), X, mu))
risks <- sapply(mu, mean); V <- G %*% vcov(logit) %*% t(G)
# Inverse probability weights: Hajek means as weighted least squares.
ps <- fitted(glm(smoke ~ age + lwt + race + ptl + ht + ui, binomial, birth, control = tight))
birth$w <- with(birth, smoke / ps + (1 - smoke) / (1 - ps))
iptw <- lm(bwt ~ smoke, birth, weights = w)
wlogit <- suppressWarnings(glm(low ~ smoke + age, binomial, birth, weights = w, control = tight))
wpois <- glm(low ~ smoke + age, poisson, birth, weights = w, control = tight)
weighted <- function(m) list(coef = unname(coef(m)), hc = hc(m))
birth$g <- rep(1:27, 7)
cr2 <- function(m, g, ...) {ct <- coef_test(m, vcov = "CR2", cluster = g, ...); list(se = ct$SE, df = ct$df_Satt)}
apart <- data.frame(a = 1:10, b = c(1, 0, 1, 0, 1, 0, 1, 0, 1, 1), y = rep(0:1, each = 5))
sep <- glm(y ~ a + b, binomial, apart, method = "brglmFit", type = "AS_mean", control = list(epsilon = 1e-13, maxit = 5000))

quine <- read("quine")
quine$at_risk <- 1 + seq_len(nrow(quine)) %% 5
rate <- glm.nb(Days ~ Sex + Lrn + offset(log(at_risk)), quine, control = glm.control(epsilon = 1e-15, maxit = 500))
nb <- glm.nb(Days ~ Eth + Sex + Age + Lrn, quine, control = glm.control(epsilon = 1e-15, maxit = 500))
mort <- na.omit(read("mortality")); motor <- lm(mrate ~ legal + beertaxa, mort)
wine <- read("wine"); wine$rating <- factor(wine$rating, ordered = TRUE)
cl <- clm(rating ~ temp + contact, data = wine, control = list(gradTol = 1e-12))
nominal <- nominal_test(cl)
free <- lapply(c("temp", "contact"), function(v)
  clm(reformulate(setdiff(c("temp", "contact"), v), "rating"), nominal = reformulate(v), data = wine, control = list(gradTol = 1e-12)))
long <- read("long"); base <- subset(long, wave == 0); base$grade <- factor(base$grade, ordered = TRUE)
fixture <- nominal_test(clm(grade ~ glute + age + female, data = base, control = list(gradTol = 1e-12)))
clm1 <- function(f, d, ...) {m <- clmm(f, data = d, control = clmm.control(gradTol = 1e-9), ...)
  V <- vcov(m); p <- length(m$beta); q <- length(m$alpha)
  list(coef = unname(m$beta), thresholds = unname(m$alpha), se = se(V)[q + 1:p], threshold_se = se(V)[1:q],
       sd = as.numeric(m$ST[[1]]), loglik = as.numeric(logLik(m)), modes = as.numeric(unlist(m$ranef)))}
wine$judge <- factor(wine$judge); long$grade <- factor(long$grade, ordered = TRUE); long$id <- factor(long$id)
clmms <- list(laplace = clm1(rating ~ temp + contact + (1 | judge), wine),
              points = clm1(rating ~ temp + contact + (1 | judge), wine, nAGQ = 10),
              fixture = clm1(grade ~ glute + wave + (1 | id), long, nAGQ = 15))

# clmm's own Hessian of Laplace's method is rough (its quadrature's is not): by hand, and differentiated.
laplace <- function(par) {
  cut <- c(-Inf, par[1:4], Inf); k <- as.integer(wine$rating); eta <- drop(cbind(wine$temp == "warm", wine$contact == "yes") %*% par[5:6])
  -sum(sapply(split(seq_along(k), wine$judge), function(r) {
    a <- function(u) cut[k[r] + 1] - eta[r] - par[7] * u; b <- function(u) cut[k[r]] - eta[r] - par[7] * u
    slope <- function(u) par[7] * sum(plogis(a(u)) + plogis(b(u)) - 1) - u
    bend <- function(u) 1 + par[7]^2 * sum(dlogis(a(u)) + dlogis(b(u)))
    u <- 0; for (i in 1:100) u <- u + slope(u) / bend(u)
    sum(log(plogis(a(u)) - plogis(b(u)))) - u^2 / 2 - log(bend(u)) / 2}))}
at <- with(clmms$laplace, c(thresholds, coef, sd))
H <- numDeriv::hessian(laplace, at); g <- numDeriv::grad(laplace, at); at <- at - drop(solve(H, g))
clmms$by_hand <- list(par = at, se = se(solve(numDeriv::hessian(laplace, at))), loglik = -laplace(at))

cbpp <- read("cbpp"); cbpp$period <- factor(cbpp$period)
how <- function(n) glmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-13, xtol_rel = 1e-12, ftol_rel = 1e-15, maxeval = 1e6), tolPwrss = 1e-13, check.conv.singular = "ignore")
mixed <- function(f, d, n, ...) {
  m <- glmer(f, d, family = binomial, nAGQ = n, control = how(n), ...)
  # lme4's own optimiser stops early: climb its deviance function on.
  dev <- glmer(f, d, family = binomial, nAGQ = n, control = how(n), devFunOnly = TRUE, ...)
  at <- unlist(getME(m, c("theta", "beta")))
  for (i in 1:4) at <- optim(at, dev, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000, ndeps = rep(1e-5, length(at))))$par
  H <- numDeriv::hessian(dev, at, method.args = list(r = 6, d = .05)) / 2; V <- solve(H)
  dev(at)
  list(coef = unname(at[-1]), sd = unname(at[1]), se = se(V)[-1], loglik = as.numeric(logLik(m)), deviance = dev(at),
       modes = unname(ranef(m)[[1]][[1]]))}
ci <- cbind(incidence, size - incidence) ~ period + (1 | herd)
lb <- lbp ~ glute + wave + age10 + female + (1 | id); long$age10 <- (long$age - 40) / 10
answers <- list(
  birthwt = list(
    logit = list(coef = unname(coef(logit)), se = se(vcov(logit)), deviance = deviance(logit), loglik = as.numeric(logLik(logit))),
    poisson = list(coef = unname(coef(pois)), hc = hc(pois), loglik = as.numeric(logLik(pois))), ols = list(coef = unname(coef(ols)), hc3 = se(vcovHC(ols, "HC3"))),
    firth = list(coef = unname(coef(firth)), se = se(vcov(firth))),
    risks = list(mean = risks, rd_se = sqrt(V[1, 1] + V[2, 2] - 2 * V[1, 2]), cov = V),
    iptw = weighted(iptw), weighted_logit = weighted(wlogit), weighted_poisson = weighted(wpois),
    iptw_cr2 = cr2(iptw, birth$g, target = 1 / birth$w), weighted_poisson_cr2 = cr2(wpois, birth$g)),
  separated = list(coef = unname(coef(sep)), se = se(vcov(sep))),
  quine = list(coef = unname(coef(nb)), theta = nb$theta, loglik = as.numeric(logLik(nb)),
               rate = list(coef = unname(coef(rate)), theta = rate$theta, loglik = as.numeric(logLik(rate)))),
  mortality = c(list(coef = unname(coef(motor))), cr2(motor, mort$state)),
  wine = list(coef = unname(cl$beta), se = se(vcov(cl))[5:6], thresholds = unname(cl$alpha), threshold_se = se(vcov(cl))[1:4],
              loglik = as.numeric(logLik(cl)), nominal = list(lrt = nominal$LRT[-1], df = nominal$Df[-1], p = nominal$`Pr(>Chi)`[-1],
              loglik = sapply(free, function(m) as.numeric(logLik(m))))),
  nominal = list(lrt = fixture$LRT[-1], df = fixture$Df[-1], p = fixture$`Pr(>Chi)`[-1]),
  clmm = clmms,
  cbpp = list(laplace = mixed(ci, cbpp, 1), points = mixed(ci, cbpp, 25)),
  mixed = list(laplace = mixed(lb, long, 1), points = mixed(lb, long, 25)))
write_json(answers, "classic.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
