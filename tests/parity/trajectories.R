# Writes trajectories.json and data/trajectories.csv, data/trajectory_people.csv.
# Latent class growth by direct maximisation (optim), flexmix beside it; three-step regression by hand.
# Run in tests/parity: Rscript trajectories.R
suppressMessages({library(jsonlite); library(flexmix); library(nnet)})
set.seed(20261124); n <- 200; T <- 5
x1 <- rnorm(n); x2 <- rbinom(n, 1, .5)
eta <- cbind(0, -.3 + .8 * x1, -.6 - .7 * x1 + .9 * x2)
u <- runif(n); p <- exp(eta) / rowSums(exp(eta)); class <- 1 + (u > p[, 1]) + (u > p[, 1] + p[, 2])
mean_of <- list(function(t) 2 - .1 * t, function(t) 4.5 + .1 * t - .12 * t^2, function(t) 5.5 + .3 * t)
rows <- NULL
for (i in 1:n) {
  t <- round(0:(T - 1) + c(0, runif(T - 1, -.2, .2)), 2)
  y <- round(mean_of[[class[i]]](t) + rnorm(T, 0, c(.9, 1.2, 1.5)[class[i]]), 3)
  gone <- c(FALSE, runif(T - 1) < .12); y[gone] <- NA
  rows <- rbind(rows, data.frame(id = i, time = t, pain = y))
}
write.csv(rows, "data/trajectories.csv", row.names = FALSE, quote = FALSE)
people <- data.frame(id = 1:n, x1 = round(x1, 4), x2 = x2, class = class)
write.csv(people, "data/trajectory_people.csv", row.names = FALSE, quote = FALSE)
d <- na.omit(rows)

lse <- function(m) {top <- apply(m, 1, max); top + log(rowSums(exp(m - top)))}
pieces <- function(z, k, deg, shared) {
  q <- deg + 1; w <- c(0, z[seq_len(k - 1)]); b <- matrix(z[k - 1 + seq_len(k * q)], q)
  s <- exp(z[(k - 1 + k * q + 1):length(z)]); if (shared) s <- rep(s, k)
  X <- outer(d$time, 0:deg, "^")
  l <- sapply(1:k, function(c) rowsum(dnorm(d$pain, X %*% b[, c], s[c], log = TRUE), d$id))
  list(l = sweep(matrix(l, ncol = k), 2, w - log(sum(exp(w))), "+"), w = w, b = b, s = s)
}
fit <- function(k, deg, shared, tries = 12) {
  best <- NULL; f <- function(z) -sum(lse(pieces(z, k, deg, shared)$l))
  base <- coef(lm(pain ~ poly(time, deg, raw = TRUE), d))
  for (i in 1:tries) {
    b <- matrix(base, deg + 1, k); b[1, ] <- quantile(d$pain, (1:k - .5) / k) + (i > 1) * rnorm(k, 0, .8)
    z <- c(rep(0, k - 1), b, rep(log(1.2), if (shared) 1 else k))
    o <- optim(z, f, method = "BFGS", control = list(maxit = 3000, reltol = 1e-12))
    if (is.null(best) || o$value < best$value - 1e-9) best <- o
  }
  for (i in 1:4) best <- optim(best$par, f, method = "BFGS", control = list(maxit = 3000, reltol = 1e-16, ndeps = rep(1e-4, length(best$par))))
  # Newton's steps with central differences to the exact maximum.
  z <- best$par; m <- length(z)
  grad <- function(z) sapply(1:m, function(j) {h <- 1e-4; e <- replace(numeric(m), j, h)
    (8 * (f(z + e) - f(z - e)) - (f(z + 2 * e) - f(z - 2 * e))) / (12 * h)})
  hess <- function(z) {H <- sapply(1:m, function(j) {e <- replace(numeric(m), j, 1e-3)
    (8 * (grad(z + e) - grad(z - e)) - (grad(z + 2 * e) - grad(z - 2 * e))) / (12e-3)}); (H + t(H)) / 2}
  H <- hess(z); for (i in 1:6) z <- z - solve(H, grad(z))
  H <- hess(z); pc <- pieces(z, k, deg, shared); post <- exp(pc$l - lse(pc$l))
  V <- solve(H)[k - 1 + seq_len(k * (deg + 1)), k - 1 + seq_len(k * (deg + 1)), drop = FALSE]
  o <- order(colMeans(outer(d$time, 0:deg, "^") %*% pc$b)); q <- deg + 1
  place <- unlist(lapply(o, function(c) (c - 1) * q + 1:q))
  sh <- exp(pc$w) / sum(exp(pc$w))
  list(loglik = -f(z), share = sh[o], coef = t(pc$b[, o, drop = FALSE]), sd = pc$s[o], se = sqrt(diag(V))[place],
       post = post[, o, drop = FALSE])
}
curves <- function(deg, shared, most) lapply(1:most, function(k) {r <- fit(k, deg, shared, if (k < 3) 4 else 12)
  m <- k - 1 + k * (deg + 1) + if (shared) 1 else k; P <- r$post; a <- max.col(P)
  c(r[c("loglik", "share", "coef", "sd", "se")], bic = -2 * r$loglik + m * log(n), aic = -2 * r$loglik + 2 * m,
    entropy = if (k == 1) 1 else 1 + sum(P * log(P + 1e-300)) / (n * log(k)),
    appa = list(sapply(1:k, function(c) mean(P[a == c, c])))) })
shared <- curves(2, TRUE, 4); own <- curves(1, FALSE, 3)

# flexmix divides by n - p when it estimates a standard deviation: near, not equal.
three <- fit(3, 2, TRUE)
own3 <- fit(3, 1, FALSE)
fo <- flexmix(pain ~ time | id, d, cluster = own3$post[match(d$id, unique(d$id)), ],
              control = list(iter.max = 5000, tolerance = 1e-14, minprior = 0))

# Three steps by hand, on the classes of `three`.
P <- three$post; a <- max.col(P); k <- 3; A <- diag(k)[a, ]; D <- t(P) %*% A / colSums(P)
X <- cbind(1, people$x1, people$x2); q <- ncol(X)
chances <- function(g) {e <- cbind(0, X %*% matrix(g, q)); e <- exp(e); e / rowSums(e)}
ml <- function(g) -sum(log(rowSums(chances(g) * t(D[, a]))))
Wb <- solve(D)[a, ]; bch <- function(g) -sum(Wb * log(chances(g)))
polish <- function(f, by_person) {
  g <- optim(rep(0, (k - 1) * q), f, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))$par; m <- length(g)
  gr <- function(f, z) sapply(1:m, function(j) {h <- 1e-4; e <- replace(numeric(m), j, h)
    (8 * (f(z + e) - f(z - e)) - (f(z + 2 * e) - f(z - 2 * e))) / (12 * h)})
  he <- function(z) {H <- sapply(1:m, function(j) {e <- replace(numeric(m), j, 1e-3)
    (8 * (gr(f, z + e) - gr(f, z - e)) - (gr(f, z + 2 * e) - gr(f, z - 2 * e))) / 12e-3}); (H + t(H)) / 2}
  for (i in 1:8) g <- g - solve(he(g), gr(f, g))
  S <- sapply(1:m, function(j) {h <- 1e-4; e <- replace(numeric(m), j, h)
    (8 * (by_person(g + e) - by_person(g - e)) - (by_person(g + 2 * e) - by_person(g - 2 * e))) / (12 * h)})
  B <- solve(he(g)); list(coef = g, sandwich = sqrt(diag(B %*% crossprod(S) %*% B)), plain = sqrt(diag(B)))
}
steps <- list(error = D,
  ml = polish(ml, function(g) log(rowSums(chances(g) * t(D[, a])))),
  bch = polish(bch, function(g) rowSums(Wb * log(chances(g)))),
  naive = unname(c(t(coef(multinom(factor(a) ~ X - 1, trace = FALSE, reltol = 1e-14, maxit = 500))))))

write_json(list(shared = shared, own = own, steps = steps,
                flexmix_own = list(loglik = as.numeric(logLik(fo)), coef = t(unname(parameters(fo))[1:2, ]), sd = unname(parameters(fo)[3, ]))),
           "trajectories.json", digits = NA, auto_unbox = TRUE)
