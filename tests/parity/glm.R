# Writes glm.json: logistic, (modified) Poisson, negative binomial, proportional odds, Firth, g-computation.
# Run in tests/parity: Rscript glm.R
suppressMessages({library(sandwich); library(clubSandwich); library(MASS); library(ordinal)
                  library(jsonlite)})
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0)
tight <- glm.control(epsilon = 1e-14, maxit = 100)
kinds <- c("HC0", "HC1", "HC2", "HC3")
hc <- function(m) lapply(as.data.frame(sapply(kinds, function(k) sqrt(diag(vcovHC(m, k))))), unname)
fl <- glm(lbp ~ glute + age + female + bmi + prior_lbp, binomial, base, control = tight)
fp <- glm(lbp ~ glute + age + female + bmi + prior_lbp, poisson, base, control = tight)
fc <- glm(days ~ glute + age + female, poisson, base, control = tight)
one <- function(m) list(coef = unname(coef(m)), classical = unname(sqrt(diag(vcov(m)))), hc = hc(m),
                        deviance = m$deviance, leverage_max = max(hatvalues(m)))
cr2 <- function(m) {ct <- coef_test(m, vcov = "CR2", cluster = long$id)
                    list(coef = ct$beta, se = ct$SE, df = ct$df_Satt)}
ll <- glm(lbp ~ glute + wave + age + female, binomial, long, control = tight)
lp <- glm(lbp ~ glute + wave + age + female, poisson, long, control = tight)

# Negative binomial: coefficients and theta from MASS; the observed information symbolically.
nb <- glm.nb(days ~ glute + age + female, base, control = glm.control(epsilon = 1e-15, maxit = 500))
step <- function(b, th) {  # Newton from MASS's answer to the exact maximum
  X <- model.matrix(nb); y <- base$days; p <- ncol(X)
  one_row <- deriv(~ lgamma(y + th) - lgamma(th) - lgamma(y + 1) + y * eta + th * log(th)
                   - (y + th) * log(exp(eta) + th), c("eta", "th"), hessian = TRUE)
  eta <- drop(X %*% b); v <- eval(one_row)
  g <- attr(v, "gradient"); h <- attr(v, "hessian")
  H <- matrix(0, p + 1, p + 1)
  H[1:p, 1:p] <- t(X) %*% (X * h[, 1, 1]); H[p + 1, p + 1] <- sum(h[, 2, 2])
  H[1:p, p + 1] <- H[p + 1, 1:p] <- t(X) %*% h[, 1, 2]
  list(like = sum(v), score = c(t(X) %*% g[, 1], sum(g[, 2])), H = H)
}
b <- coef(nb); th <- nb$theta; p <- length(b)
for (i in 1:8) {s <- step(b, th); move <- solve(-s$H, s$score); b <- b + move[1:p]; th <- th + move[p + 1]}
s <- step(b, th)
nbse <- sqrt(diag(solve(-s$H)))

base$grade <- factor(base$grade, ordered = TRUE)
cl <- clm(grade ~ glute + age + female, data = base, control = list(gradTol = 1e-10))
# Brant's test, written from the paper with base R.
X <- model.matrix(~ glute + age + female, base); y <- as.integer(base$grade) - 1; K <- max(y)
fits <- lapply(1:K, function(k) glm(as.integer(y >= k) ~ X - 1, family = binomial, control = tight))
q <- ncol(X) - 1; V <- matrix(0, K * q, K * q)
for (k in 1:K) for (l in k:K) {
  pk <- fitted(fits[[k]]); pl <- fitted(fits[[l]])
  blk <- solve(t(X) %*% (X * pk * (1 - pk))) %*% (t(X) %*% (X * (pl - pk * pl))) %*%
    solve(t(X) %*% (X * pl * (1 - pl)))
  i <- (k - 1) * q + 1:q; j <- (l - 1) * q + 1:q
  V[i, j] <- blk[-1, -1]; V[j, i] <- t(blk[-1, -1])
}
bb <- unlist(lapply(fits, function(f) coef(f)[-1]))
D <- NULL
for (k in 2:K) {R <- matrix(0, q, K * q); R[, 1:q] <- -diag(q); R[, (k - 1) * q + 1:q] <- diag(q); D <- rbind(D, R)}
brant <- function(D) {d <- D %*% bb; c(drop(t(d) %*% solve(D %*% V %*% t(D)) %*% d), nrow(D))}
single <- lapply(1:q, function(j) brant(D[seq(j, nrow(D), q), , drop = FALSE]))

# Firth: the penalised likelihood climbed by a general optimiser.
pen <- function(b, X, y) {e <- drop(X %*% b); w <- plogis(e) * plogis(-e)
  sum(y * e - log1p(exp(e))) + as.numeric(determinant(t(X) %*% (X * w))$modulus) / 2}
score <- function(b, X, y) {e <- drop(X %*% b); mu <- plogis(e); w <- mu * (1 - mu)
  I <- solve(t(X) %*% (X * w)); h <- rowSums((X %*% I) * X) * w; drop(t(X) %*% (y - mu + h * (.5 - mu)))}
climb <- function(start, free, X, y) {
  full <- start; f <- function(z) {full[free] <- z; -pen(full, X, y)}
  g <- function(z) {full[free] <- z; -score(full, X, y)[free]}
  o <- optim(start[free], f, g, method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))
  for (i in 1:2) o <- optim(o$par, f, g, method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))
  full[free] <- o$par
  for (i in 1:50) {w <- plogis(drop(X %*% full)) * plogis(-drop(X %*% full))  # polish: scoring steps
    full[free] <- full[free] + solve((t(X) %*% (X * w))[free, free], score(full, X, y)[free])}
  list(b = full, v = pen(full, X, y))}
firth <- function(X, y, j, far = 8) {
  m <- climb(rep(0, ncol(X)), 1:ncol(X), X, y); e <- drop(X %*% m$b); w <- plogis(e) * plogis(-e)
  se <- sqrt(diag(solve(t(X) %*% (X * w)))); free <- setdiff(1:ncol(X), j)
  lost <- function(v) {s <- m$b; s[j] <- v; 2 * (m$v - climb(s, free, X, y)$v) - qchisq(.95, 1)}
  lo <- uniroot(lost, c(m$b[j] - 6 * se[j], m$b[j]), tol = 1e-11)$root
  hi <- uniroot(lost, c(m$b[j], m$b[j] + far * se[j]), tol = 1e-11)$root
  list(coef = m$b, se = se, ci = c(lo, hi), p = pchisq(lost(0) + qchisq(.95, 1), 1, lower.tail = FALSE))}
some <- base[1:60, ]; Xf <- cbind(1, some$glute, some$prior_lbp)
apart <- data.frame(x = c(-2, -1.5, -1, -.4, .1, .3, .9, 1.2, 2, 2.5), y = rep(0:1, each = 5))

# g-computation: everyone's glute raised by 0.5; delta method by hand with the model-based covariance.
gcomp <- function(m, V) {
  up <- within(base, glute <- glute + .5); X0 <- model.matrix(formula(m), base); X1 <- model.matrix(formula(m), up)
  p0 <- m$family$linkinv(X0 %*% coef(m)); p1 <- m$family$linkinv(X1 %*% coef(m))
  g0 <- colMeans(X0 * drop(p0 * (1 - p0))); g1 <- colMeans(X1 * drop(p1 * (1 - p1)))
  rd <- mean(p1) - mean(p0); rr <- log(mean(p1) / mean(p0)); gr <- g1 / mean(p1) - g0 / mean(p0)
  c(mean(p0), mean(p1), rd, sqrt(drop(t(g1 - g0) %*% V %*% (g1 - g0))), rr, sqrt(drop(t(gr) %*% V %*% gr)))}
answers <- list(
  logistic = one(fl), poisson = one(fp), counts = c(one(fc), list(
    dispersion = sum(residuals(fc, "pearson")^2) / fc$df.residual)),
  cr2_logistic = cr2(ll), cr2_poisson = cr2(lp),
  nb = list(coef = unname(b), theta = th, se = nbse, loglik = s$like, mass_theta = nb$theta, mass_coef = unname(coef(nb))),
  clm = list(coef = unname(cl$beta), se = unname(sqrt(diag(vcov(cl)))[names(cl$beta)]),
             thresholds = unname(cl$alpha), threshold_se = unname(sqrt(diag(vcov(cl)))[names(cl$alpha)]),
             loglik = as.numeric(logLik(cl))),
  brant = list(omnibus = brant(D), single = single),
  firth = firth(Xf, some$lbp, 2), firth_apart = firth(cbind(1, apart$x), apart$y, 2, 40),
  gcomp = gcomp(fl, vcovHC(fl, "HC3"))
)
write_json(answers, "glm.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
