# Writes gee.json: estimating equations by geepack (its own correlation estimator), by gee (moments,
# as statsmodels and SAS), and the small-sample errors written from their papers.
# Run in tests/parity: Rscript gee.R
suppressMessages({library(geepack); library(gee); library(jsonlite)})
long <- read.csv("data/long.csv"); long <- long[order(long$id, long$wave), ]
tight <- geese.control(epsilon = 1e-13, maxit = 500)
families <- list(linear = list(pain ~ glute + wave + age + female, gaussian),
                 logistic = list(lbp ~ glute + wave + age + female, binomial),
                 poisson = list(days ~ glute + wave + age + female, poisson))
# gee (moments) with a tolerance that its Fortran reaches.
moments <- function(f, fam, data, id, cor) {
  data$.id <- id
  m <- suppressMessages(suppressWarnings({
    out <- capture.output(g <- gee(f, id = .id, data = data, family = fam, corstr = cor, Mv = 1, tol = 1e-11,
                                   maxiter = 500)); g}))
  list(coef = unname(m$coefficients), se = unname(sqrt(diag(m$robust.variance))),
       naive = unname(sqrt(diag(m$naive.variance))), alpha = m$working.correlation[1, 2], scale = m$scale)}
full <- function(g, data, wave, cor) {  # the matrices, cluster by cluster, as the papers print them
  X <- model.matrix(g); mu <- drop(fitted(g)); fam <- g$family; phi <- g$geese$gamma; a <- g$geese$alpha
  ids <- unique(g$id); p <- ncol(X)
  parts <- lapply(ids, function(i) {
    at <- which(g$id == i); m <- length(at); t <- wave[at]
    R <- if (cor == "independence") diag(m) else if (cor == "exchangeable") (1 - a) * diag(m) + a else
      a^abs(outer(t, t, "-"))
    v <- fam$variance(mu[at]); D <- X[at, , drop = FALSE] * fam$mu.eta(fam$linkfun(mu[at]))
    list(D = D, V = phi * (sqrt(v) %o% sqrt(v)) * R, e = (drop(g$y) - mu)[at])})
  M <- solve(Reduce(`+`, lapply(parts, function(k) t(k$D) %*% solve(k$V, k$D))))
  root <- function(A) {e <- eigen(A); Re(e$vectors %*% diag(1 / sqrt(as.complex(e$values)), nrow(A)) %*% solve(e$vectors))}
  meat <- function(adjust) {
    S <- Reduce(`+`, lapply(parts, function(k) {u <- adjust(k); u %*% t(u)})); unname(sqrt(diag(M %*% S %*% M)))}
  H <- function(k) k$D %*% M %*% t(k$D) %*% solve(k$V)
  I <- function(k) diag(nrow(k$D))
  list(bias_reduced = meat(function(k) t(k$D) %*% solve(k$V, solve(I(k) - H(k), k$e))),
       kauermann_carroll = meat(function(k) t(k$D) %*% solve(k$V, root(I(k) - H(k)) %*% k$e)),
       fay_graubard = meat(function(k) {
         q <- diag(t(k$D) %*% solve(k$V, k$D) %*% M); t(k$D) %*% solve(k$V, k$e) / sqrt(1 - pmin(.75, q))}),
       cic = {w <- fam$variance(mu); sum(diag(crossprod(X * sqrt(w)) %*% g$geese$vbeta))})}
pack <- function(f, fam, data, id, wave, cor, ...) {
  data$.id <- id; data$.wave <- wave; data$.w <- data$w
  g <- eval(substitute(geeglm(f, id = .id, waves = .wave, data = data, family = fam, corstr = cor, control = tight, ...)))
  c(list(coef = unname(coef(g)), se = unname(sqrt(diag(g$geese$vbeta))), naive = unname(sqrt(diag(g$geese$vbeta.naiv))),
         alpha = if (cor == "independence") 0 else unname(g$geese$alpha), scale = unname(g$geese$gamma),
         quasi = unname(QIC(g)[["Quasi Lik"]])), full(g, data, wave, cor))}
QIC <- function(g) {mu <- drop(fitted(g)); y <- drop(g$y)
  c("Quasi Lik" = switch(g$family$family, poisson = sum(y * log(mu) - mu), gaussian = sum((y - mu)^2) / -2,
                         binomial = sum(y * log(mu / (1 - mu)) + log(1 - mu))))}
answers <- list()
for (k in names(families)) for (cor in c("independence", "exchangeable", "ar1"))
  answers$fixture[[k]][[cor]] <- pack(families[[k]][[1]], families[[k]][[2]], long, long$id, long$wave + 1L, cor)
# AR(1) by neighbours as SAS's GENMOD documents it: sum of e_j e_(j+1) over (pairs - p) scale; by hand,
# as R's gee divides otherwise. Four rows a person, without gaps.
neighbours <- function(f, fam, data) {
  fam <- fam(); X <- model.matrix(f, data); y <- model.response(model.frame(f, data)); p <- ncol(X); N <- nrow(X)
  b <- coef(glm(f, fam, data)); blocks <- split(seq_len(N), data$id)
  for (step in 1:200) {
    eta <- drop(X %*% b); mu <- fam$linkinv(eta); s <- sqrt(fam$variance(mu)); r <- (y - mu) / s
    phi <- sum(r^2) / (N - p)
    a <- sum(sapply(blocks, function(k) sum(r[k][-1] * r[k][-4]))) / (3 * length(blocks) - p) / phi
    W <- solve(a^abs(outer(1:4, 1:4, "-"))); D <- X * s
    H <- Reduce(`+`, lapply(blocks, function(k) t(D[k, ]) %*% W %*% D[k, ]))
    U <- sapply(blocks, function(k) t(D[k, ]) %*% W %*% r[k]); b <- b + drop(solve(H, rowSums(U)))}
  M <- solve(H)
  list(coef = unname(b), se = unname(sqrt(diag(M %*% (U %*% t(U)) %*% M))), naive = unname(sqrt(diag(M) * phi)),
       alpha = a, scale = phi)}
complete <- long[long$id %in% names(which(table(long$id) == 4)), ]
for (k in names(families)) {
  f <- families[[k]]
  answers$moment[[k]] <- list(exchangeable = moments(f[[1]], f[[2]], long, long$id, "exchangeable"),
                              independence = moments(f[[1]], f[[2]], long, long$id, "independence"),
                              ar1 = neighbours(f[[1]], f[[2]], complete))}
# Few clusters, where the small-sample errors differ.
few <- long[long$id <= 12, ]
answers$few <- pack(pain ~ glute + wave, gaussian, few, few$id, few$wave + 1L, "exchangeable")
# Weights and an offset.
long$w <- .5 + (long$age - min(long$age)) / 40; long$o <- log(1 + long$wave)
w <- geeglm(lbp ~ glute + wave, id = id, data = long, family = binomial, weights = w, corstr = "exchangeable",
            control = tight)
o <- geeglm(days ~ glute + offset(o), id = id, data = long, family = poisson, corstr = "exchangeable", control = tight)
brief <- function(g) list(coef = unname(coef(g)), se = unname(sqrt(diag(g$geese$vbeta))), alpha = unname(g$geese$alpha),
                          scale = unname(g$geese$gamma))
answers$weighted <- brief(w); answers$offset <- brief(o)
data(dietox); dietox$Cu <- as.factor(dietox$Cu)
f <- Weight ~ Cu * Time
answers$dietox <- lapply(c(independence = "independence", exchangeable = "exchangeable", ar1 = "ar1"), function(cor)
  pack(f, gaussian, dietox, as.integer(dietox$Pig), dietox$Time, cor))
write_json(answers, "gee.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
