# Writes adjusted_effect.json: both means and their differences by each estimator, from data/incident.csv seen at visits.
# New pain by week 16: pseudo-observations of the life-table risk, linear models; age_later: a yes/no outcome, logistic.
# Errors: all estimating equations stacked, their Jacobian by numbers. Run in tests/parity: Rscript adjusted_effect.R
suppressMessages(library(jsonlite))
d <- read.csv("data/incident.csv"); d$male <- 1 - d$female
weeks <- c(4, 8, 12, 16); d$event <- d$event * (d$time <= 16)
d$last <- sapply(seq_len(nrow(d)), function(i) if (d$event[i]) which(weeks >= d$time[i])[1] else sum(weeks <= d$time[i]))
d <- d[d$last > 0, ]; d$prior_later <- as.numeric((d$id %% 7 + 3 * d$glute) < 7)
table_risk <- function(last, hit) 1 - prod(sapply(1:4, function(k) 1 - sum(hit & last == k) / sum(last >= k)))
d$y <- sapply(seq_len(nrow(d)), function(i) nrow(d) * table_risk(d$last, d$event) - (nrow(d) - 1) * table_risk(d$last[-i], d$event[-i]))
Z <- cbind(1, d$age, d$male, d$prior_lbp); n <- nrow(d); y <- d$y; tight <- glm.control(epsilon = 1e-15, maxit = 200)
stack <- function(psi, theta) {  # covariance of the roots of estimating equations, one row a person
  f <- function(t) colMeans(psi(t)); k <- length(theta)
  A <- sapply(seq_len(k), function(j) {h <- 1e-4 * max(abs(theta[j]), .1); e <- replace(0 * theta, j, h)
    (8 * (f(theta + e) - f(theta - e)) - (f(theta + 2 * e) - f(theta - 2 * e))) / (12 * h)})
  P <- psi(theta); solve(A) %*% (crossprod(P) / n) %*% t(solve(A)) / n}
row_ <- function(est, se, ratio = FALSE) {ci <- est + c(-1, 1) * qnorm(.975) * se; p <- 2 * pnorm(-abs(est / se))
  if (ratio) {est <- exp(est); ci <- exp(ci)}
  list(estimate = est, se = se, df = NA, low = ci[1], high = ci[2], p = p)}
answer <- function(psi, nuisance, m, ratio = FALSE) {
  V <- stack(psi, c(nuisance, m)); at <- length(nuisance) + 1:2; v <- V[at, at]
  if (ratio) row_(log(m[2] / m[1]), sqrt(v[1, 1] / m[1]^2 + v[2, 2] / m[2]^2 - 2 * v[1, 2] / prod(m)), TRUE)
  else row_(m[2] - m[1], sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]))}
logit <- function(X, b, y) X * drop(y - plogis(X %*% b))
run <- function(y, link) {
fit <- function(X) if (link == "logit") coef(glm(y ~ 0 + X, family = binomial, control = tight)) else coef(lm(y ~ 0 + X))
mean_ <- function(eta) if (link == "logit") plogis(eta) else eta
score <- function(X, b, y) X * drop(y - mean_(X %*% b))
# Two groups at a cut.
a <- as.numeric(d$glute >= 1.6); X <- cbind(Z, a); X0 <- cbind(Z, 0); X1 <- cbind(Z, 1)
b <- fit(X); g <- coef(glm(a ~ 0 + Z, family = binomial, control = tight)); q <- length(g); r <- length(b)
ps <- function(g) drop(plogis(Z %*% g))
aug <- function(g, b) {p <- ps(g); m0 <- drop(mean_(X0 %*% b)); m1 <- drop(mean_(X1 %*% b))
  cbind(m0 + (1 - a) / (1 - p) * (y - m0), m1 + a / p * (y - m1))}
both <- function(t) {m <- t[q + r + 1:2]
  cbind(logit(Z, t[1:q], a), score(X, t[q + 1:r], y), sweep(aug(t[1:q], t[q + 1:r]), 2, m))}
means <- colMeans(aug(g, b))
standard <- function(t) cbind(score(X, t[1:r], y), sweep(cbind(mean_(X0 %*% t[1:r]), mean_(X1 %*% t[1:r])), 2, t[r + 1:2]))
sm <- c(mean(mean_(X0 %*% b)), mean(mean_(X1 %*% b)))
inverse <- function(g) {p <- ps(g); cbind((1 - a) / (1 - p), a / p)}
hajek <- function(t) cbind(logit(Z, t[1:q], a), inverse(t[1:q]) * cbind(y - t[q + 1], y - t[q + 2]))
w <- inverse(g); wm <- colSums(w * y) / colSums(w)
groups <- list(adjusted = answer(both, c(g, b), means), "g-computation" = answer(standard, b, sm),
  "weights alone" = answer(hajek, g, wm), ratio = answer(both, c(g, b), means, TRUE), means = means, people = n, events = sum(d$event))
# A shift of everyone.
s <- .2; e <- d$glute; X <- cbind(1, e, Z[, -1]); S <- cbind(1, e + s, Z[, -1]); b <- fit(X); r <- length(b)
line <- lm(e ~ 0 + Z); h <- coef(line); lsd <- log(sqrt(sum(resid(line)^2) / (n - q)))
dens <- function(h, l) {z <- drop(e - Z %*% h); exp((s * z - s^2 / 2) / exp(2 * l))}
normal <- function(h, l) {z <- drop(e - Z %*% h); cbind(Z * z, z^2 / exp(2 * l) - (n - q) / n)}
value <- function(h, l, b) drop(mean_(S %*% b)) + dens(h, l) * (y - drop(mean_(X %*% b)))
doubly <- function(t) {h <- t[1:q]; l <- t[q + 1]; b <- t[q + 1 + 1:r]; m <- t[q + 1 + r + 1:2]
  cbind(normal(h, l), score(X, b, y), y - m[1], value(h, l, b) - m[2])}
dm <- c(mean(y), mean(value(h, lsd, b)))
moved <- function(t) cbind(score(X, t[1:r], y), sweep(cbind(mean_(X %*% t[1:r]), mean_(S %*% t[1:r])), 2, t[r + 1:2]))
sm <- c(mean(mean_(X %*% b)), mean(mean_(S %*% b)))
ratio_ <- function(t) cbind(normal(t[1:q], t[q + 1]), y - t[q + 2], dens(t[1:q], t[q + 1]) * (y - t[q + 3]))
dw <- dens(h, lsd); wm <- c(mean(y), sum(dw * y) / sum(dw))
shift <- list(adjusted = answer(doubly, c(h, lsd, b), dm), "g-computation" = answer(moved, b, sm),
  "weights alone" = answer(ratio_, c(h, lsd), wm), ratio = answer(doubly, c(h, lsd, b), dm, TRUE), means = dm, people = n, events = sum(d$event))
list(groups = groups, shift = shift)}
write(toJSON(list(new_pain = run(d$y, "identity"), prior = run(d$prior_later, "logit")), digits = NA, auto_unbox = TRUE, na = "null", pretty = TRUE), "adjusted_effect.json")
