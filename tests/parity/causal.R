# Writes causal.json: standardisation, weighting, doubly robust effects, marginal structural models.
# Run in tests/parity: Rscript causal.R (also writes data/msm.csv and data/birthwt.csv).
suppressMessages({library(geepack); library(sandwich); library(MASS); library(jsonlite)
                  library(numDeriv); library(nnet)})
tight <- glm.control(epsilon = 1e-14, maxit = 100)
if (!file.exists("data/birthwt.csv")) write.csv(birthwt, "data/birthwt.csv", row.names = FALSE)

# Stacked estimating equations, solved: psi gives one row a person; bread by numerical derivative.
stacked <- function(psi, theta) {
  A <- jacobian(function(t) colMeans(psi(t)), theta, method.args = list(eps = 1e-5, r = 6))
  M <- psi(theta); B <- crossprod(M) / nrow(M); V <- solve(A, t(solve(A, B))) / nrow(M); V
}
gap <- function(V) {k <- nrow(V); sqrt(V[k - 1, k - 1] + V[k, k] - 2 * V[k - 1, k])}
effects <- function(y, a, Z, X, X0, X1, family) {
  inv <- switch(family, linear = identity, plogis); n <- length(y); q <- ncol(Z); p <- ncol(X)
  e <- glm.fit(Z, a, family = binomial(), control = tight)
  o <- if (family == "linear") lm.fit(X, y) else glm.fit(X, y, family = binomial(), control = tight)
  g <- coef(e); b <- coef(o); ps <- drop(plogis(Z %*% g))
  hajek <- function(w) c(weighted.mean(y, w * (1 - a)), weighted.mean(y, w * a))
  kinds <- list(ATE = function(p) a / p + (1 - a) / (1 - p), ATT = function(p) a + (1 - a) * p / (1 - p),
                ATO = function(p) a * (1 - p) + (1 - a) * p)
  iptw <- lapply(kinds, function(k) {
    w <- k(ps); m <- hajek(w)
    psi <- function(t) {p <- drop(plogis(Z %*% t[1:q])); w <- k(p)
                        cbind(Z * (a - p), w * (1 - a) * (y - t[q + 1]), w * a * (y - t[q + 2]))}
    known <- sqrt(sum((w * (1 - a) * (y - m[1]))^2) / sum(w * (1 - a))^2 +
                  sum((w * a * (y - m[2]))^2) / sum(w * a)^2)
    list(means = m, known = known, stacked = gap(stacked(psi, unname(c(g, m)))))
  })
  mu <- cbind(inv(X0 %*% b), inv(X1 %*% b)); m <- colMeans(mu)
  psi <- function(t) {b <- t[1:p]; cbind(X * drop(y - inv(X %*% b)), drop(inv(X0 %*% b)) - t[p + 1],
                                         drop(inv(X1 %*% b)) - t[p + 2])}
  gcomp <- list(means = m, stacked = gap(stacked(psi, unname(c(b, m)))))
  m <- colMeans(mu[a == 1, ])
  psi <- function(t) {b <- t[1:p]; cbind(X * drop(y - inv(X %*% b)), a * (drop(inv(X0 %*% b)) - t[p + 1]),
                                         a * (drop(inv(X1 %*% b)) - t[p + 2]))}
  exposed <- list(means = m, stacked = gap(stacked(psi, unname(c(b, m)))))
  value <- function(g, b) {p <- drop(plogis(Z %*% g)); m0 <- drop(inv(X0 %*% b)); m1 <- drop(inv(X1 %*% b))
                           cbind(m0 + (1 - a) / (1 - p) * (y - m0), m1 + a / p * (y - m1))}
  v <- value(g, b); m <- colMeans(v)
  psi <- function(t) {g <- t[1:q]; b <- t[q + 1:p]
    cbind(Z * drop(a - plogis(Z %*% g)), X * drop(y - inv(X %*% b)), sweep(value(g, b), 2, t[q + p + 1:2]))}
  aipw <- list(means = m, influence = sd(v[, 2] - v[, 1]) * sqrt((n - 1) / n) / sqrt(n),
               stacked = gap(stacked(psi, unname(c(g, b, m)))))
  list(iptw = iptw, gcomp = gcomp, exposed = exposed, aipw = aipw)
}

d <- read.csv("data/nhefs.csv")
form <- ~ sex + race + age + I(age^2) + factor(education) + smokeintensity + I(smokeintensity^2) +
  smokeyrs + I(smokeyrs^2) + factor(exercise) + factor(active) + wt71 + I(wt71^2)
Z <- model.matrix(form, d); Z <- sweep(Z, 2, c(1, apply(abs(Z[, -1]), 2, max)), "/")
X <- function(a) cbind(Z, a, a * d$smokeintensity / 80)
nhefs <- effects(d$wt82_71, d$qsmk, Z, X(d$qsmk), X(0), X(1), "linear")
ps <- fitted(glm(qsmk ~ Z - 1, binomial, d, control = tight))
d$w <- ifelse(d$qsmk == 1, 1 / ps, 1 / (1 - ps)); d$id <- seq_len(nrow(d))
fit <- geeglm(wt82_71 ~ qsmk, data = d, weights = w, id = id, corstr = "independence")
nhefs$geeglm <- unlist(coef(summary(fit))[2, 1:2])

b <- birthwt; b$race <- factor(b$race)
Z <- model.matrix(~ age + lwt + race + ptl + ht + ui, b); Z[, 2:3] <- Z[, 2:3] / 100
X <- function(a) cbind(Z, a)
bwt <- effects(b$bwt, b$smoke, Z, X(b$smoke), X(0), X(1), "linear")
low <- effects(b$low, b$smoke, Z, X(b$smoke), X(0), X(1), "logistic")
l <- glm(low ~ smoke + age + lwt + race + ptl + ht + ui, binomial, b, control = tight)
slope <- function(v) {X <- model.matrix(l); X[, 2] <- v; p <- drop(plogis(X %*% coef(l))); colMeans(X * p * (1 - p))}
g <- slope(1) - slope(0); low$delta <- sqrt(drop(g %*% vcov(l) %*% g))

# Three levels of exposure: exercise, by multinomial logistic regression.
Z <- model.matrix(~ sex + race + age + wt71, d); Z[, 4:5] <- Z[, 4:5] / 100; k <- ncol(Z); n <- nrow(d)
m <- multinom(exercise ~ Z - 1, d, reltol = 1e-16, abstol = 1e-16, maxit = 2000, trace = FALSE)
probs <- function(b) {e <- cbind(1, exp(Z %*% b[1:k]), exp(Z %*% b[k + 1:k])); e / rowSums(e)}
own <- outer(d$exercise, 0:2, "==") * 1; score <- function(b) {r <- own - probs(b); cbind(Z * r[, 2], Z * r[, 3])}
b <- c(t(coef(m))); for (i in 1:4) b <- b - solve(jacobian(function(t) colSums(score(t)), b), colSums(score(b)))
hajek <- function(b) {w <- own / probs(b); colSums(w * d$wt82_71) / colSums(w)}
psi <- function(t) {w <- own / probs(t[1:(2 * k)]); cbind(score(t[1:(2 * k)]), w * outer(d$wt82_71, t[2 * k + 1:3], "-"))}
w <- own / probs(b); mu <- hajek(b); V <- stacked(psi, c(b, mu))[2 * k + 1:3, 2 * k + 1:3]
levels3 <- list(means = mu, known = sqrt(colSums((w * outer(d$wt82_71, mu, "-"))^2) / colSums(w)^2), stacked = sqrt(diag(V)), cov = V)

# Continuous exposure: normal density ratio.
base <- subset(read.csv("data/long.csv"), wave == 0)
den <- lm(glute ~ age + female + bmi + prior_lbp, base); num <- lm(glute ~ female, base)
dn <- function(m) dnorm(base$glute, fitted(m), summary(m)$sigma)
base$sw <- dn(num) / dn(den); base$n <- seq_len(nrow(base))
cont <- geeglm(pain ~ glute + female, data = base, weights = sw, id = n, corstr = "independence")
W <- model.matrix(den); N <- model.matrix(num); n <- nrow(base); D <- model.matrix(cont)
psi <- function(t) {
  e1 <- drop(base$glute - W %*% t[1:5]); e0 <- drop(base$glute - N %*% t[7:8])
  sw <- dnorm(e0, 0, exp(t[9])) / dnorm(e1, 0, exp(t[6]))
  cbind(W * e1, e1^2 / exp(2 * t[6]) - (n - 5) / n, N * e0, e0^2 / exp(2 * t[9]) - (n - 2) / n,
        D * drop(sw * (base$pain - D %*% t[10:12])))
}
theta <- unname(c(coef(den), log(summary(den)$sigma), coef(num), log(summary(num)$sigma), coef(cont)))
continuous <- list(coef = unname(coef(cont)), known = coef(summary(cont))[, 2],
                   stacked = sqrt(diag(stacked(psi, theta)))[10:12], weights = range(base$sw))

# Repeated exposure with confounding by earlier pain, and dropout by pain.
set.seed(7); G <- 400; rows <- NULL; pain <- rnorm(G); u <- rnorm(G, 0, .5); was <- rep(0, G); here <- rep(TRUE, G)
for (t in 0:3) {
  a <- rbinom(G, 1, plogis(-.3 + .6 * pain + .8 * was)); later <- .4 * pain + u - .5 * a + rnorm(G)
  stay <- rbinom(G, 1, plogis(2 - .5 * pain - .3 * a))
  rows <- rbind(rows, data.frame(id = 1:G, visit = t, pain = round(pain, 6), before = was, a = a, stayed = stay,
                                 y = ifelse(stay == 1, round(later, 6), NA))[here, ])
  here <- here & stay == 1; pain <- later; was <- a
}
m <- rows[order(rows$id, rows$visit), ]
write.csv(m, "data/msm.csv", row.names = FALSE)
m <- read.csv("data/msm.csv")
ratio <- function(seen, upper, lower) {f <- function(f) {p <- fitted(glm(f, binomial, m, control = tight))
                                       ifelse(seen == 1, p, 1 - p)}; f(upper) / f(lower)}
m$sa <- ave(ratio(m$a, a ~ before + visit, a ~ pain + before + visit), m$id, FUN = cumprod)
m$sc <- ave(ratio(m$stayed, stayed ~ a + visit, stayed ~ a + pain + visit), m$id, FUN = cumprod)
k <- subset(m, stayed == 1); k$w <- k$sa * k$sc; k$high <- as.integer(k$y > 0)
lin <- geeglm(y ~ a + before + visit, data = k, weights = w, id = id, corstr = "independence")
log_ <- glm(high ~ a + before + visit, quasibinomial, k, weights = w, control = tight)
# The stacked sandwich over people: pooled models, cumulative products, weighted regression.
Za <- model.matrix(~ pain + before + visit, m); Na <- model.matrix(~ before + visit, m)
Zc <- model.matrix(~ a + pain + visit, m); Nc <- model.matrix(~ a + visit, m); X <- model.matrix(~ a + before + visit, m)
y <- ifelse(m$stayed == 1, m$y, 0)
msm_psi <- function(y, inv) function(t) {
  pa <- drop(plogis(Za %*% t[1:4])); na <- drop(plogis(Na %*% t[5:7])); pc <- drop(plogis(Zc %*% t[8:11]))
  nc <- drop(plogis(Nc %*% t[12:14])); own <- function(p) ifelse(m$a == 1, p, 1 - p)
  w <- ave(own(na) / own(pa) * nc / pc, m$id, FUN = cumprod) * m$stayed
  rowsum(cbind(Za * (m$a - pa), Na * (m$a - na), Zc * (m$stayed - pc), Nc * (m$stayed - nc),
               X * drop(w * (y - inv(X %*% t[15:18])))), m$id)
}
gl <- function(f) unname(coef(glm(f, binomial, m, control = tight)))
theta <- c(gl(a ~ pain + before + visit), gl(a ~ before + visit), gl(stayed ~ a + pain + visit), gl(stayed ~ a + visit))
over <- function(y, inv, fit) sqrt(diag(stacked(msm_psi(y, inv), c(theta, unname(coef(fit))))))[15:18]
msm <- list(linear = list(coef = unname(coef(lin)), known = coef(summary(lin))[, 2],
                          stacked = over(y, identity, lin)),
            logistic = list(coef = unname(coef(log_)), known = unname(sqrt(diag(vcovCL(log_, k$id, type = "HC0", cadjust = FALSE)))),
                            stacked = over(as.integer(y > 0), plogis, log_)),
            weights = c(mean(k$w), max(k$w), sum(k$w)^2 / sum(k$w^2)))
write_json(list(nhefs = nhefs, bwt = bwt, low = low, levels = levels3, continuous = continuous, msm = msm), "causal.json",
           digits = NA, auto_unbox = TRUE, pretty = TRUE)
