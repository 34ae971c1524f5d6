# Writes dose_response.json: every number that the analysis reports, family by family, in its order.
# Run in tests/parity: Rscript dose_response.R
suppressMessages({library(sandwich); library(clubSandwich); library(MASS); library(ordinal)
                  library(Hmisc); library(jsonlite)})
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0)
tight <- glm.control(epsilon = 1e-14, maxit = 200)
spline <- function(x, at, k) rcspline.eval(at, knots = rcspline.eval(x, nk = k, knots.only = TRUE), inclx = TRUE)
CO <- c("age", "female", "bmi", "prior_lbp")
fit <- function(family, y, X, id = NULL) {  # X without intercept; returns coefficients, covariance, df rule
  colnames(X) <- paste0("x", seq_len(ncol(X)))
  if (family == "ordinal") {
    k <- ncol(X); D <- as.data.frame(unname(X)); names(D) <- paste0("x", 1:k); D$y <- factor(y, ordered = TRUE)
    m <- suppressWarnings(clm(reformulate(paste0("x", 1:k), "y"), data = D, control = list(gradTol = 1e-12)))
    n <- length(m$alpha)
    return(list(b = m$beta, V = vcov(m)[n + 1:k, n + 1:k, drop = FALSE], m = m))}
  if (family == "nb") {
    m <- glm.nb(y ~ X, control = glm.control(epsilon = 1e-15, maxit = 500)); Z <- cbind(1, X); k <- ncol(Z)
    b <- coef(m); th <- m$theta
    f <- deriv(~ lgamma(y + th) - lgamma(th) - lgamma(y + 1) + y * eta + th * log(th)
               - (y + th) * log(exp(eta) + th), c("eta", "th"), hessian = TRUE)
    for (i in 1:8) {eta <- drop(Z %*% b); v <- eval(f); g <- attr(v, "gradient"); h <- attr(v, "hessian")
      H <- rbind(cbind(t(Z) %*% (Z * h[, 1, 1]), t(Z) %*% h[, 1, 2]), c(t(Z) %*% h[, 1, 2], sum(h[, 2, 2])))
      s <- solve(-H, c(t(Z) %*% g[, 1], sum(g[, 2]))); b <- b + s[1:k]; th <- th + s[k + 1]}
    mu <- exp(drop(Z %*% b))
    return(list(b = b[-1], V = solve(-H)[2:k, 2:k, drop = FALSE], dispersion = sum((y - mu)^2 / (mu + mu^2 / th)) / (length(y) - k)))}
  m <- if (family == "linear") lm(y ~ X) else glm(y ~ X, if (family == "logistic") binomial else poisson, control = tight)
  V <- if (is.null(id)) vcovHC(m, "HC3") else as.matrix(vcovCR(m, id, "CR2"))
  list(b = coef(m)[-1], V = V[-1, -1, drop = FALSE], m = m, df = if (family == "linear") m$df.residual,
       full = V, id = id)}
contrast <- function(f, w, ratio) {
  est <- sum(w * f$b); se <- sqrt(drop(t(w) %*% f$V %*% w)); df <- Inf
  if (!is.null(f$id)) {lc <- linear_contrast(f$m, "CR2", cluster = f$id, contrasts = matrix(c(0, w), 1)); df <- lc$df
  } else if (!is.null(f$df)) df <- f$df
  ci <- est + c(-1, 1) * qt(.975, df) * se; p <- 2 * pt(-abs(est / se), df)
  if (ratio) {est <- exp(est); ci <- exp(ci)}
  list(estimate = est, se = se, df = if (is.finite(df)) df else NA, low = ci[1], high = ci[2], p = p)}
run <- function(family, y, d, covariates = CO, id = NULL) {
  ratio <- family != "linear"; x <- d$glute; C <- as.matrix(d[covariates]); n <- length(y); s <- sd(x)
  main <- fit(family, y, cbind(x, C), id); k <- ncol(C)
  rows <- list(contrast(main, c(s, rep(0, k)), ratio), contrast(fit(family, y, cbind(x), id), s, ratio))
  if (family == "logistic") {
    b <- coef(main$m); X0 <- model.matrix(main$m); X1 <- X0; X1[, 2] <- X1[, 2] + s; V <- main$full
    p0 <- plogis(drop(X0 %*% b)); p1 <- plogis(drop(X1 %*% b))
    g0 <- colMeans(X0 * p0 * (1 - p0)); g1 <- colMeans(X1 * p1 * (1 - p1))
    make <- function(est, g, ratio) {se <- sqrt(drop(t(g) %*% V %*% g)); ci <- est + c(-1, 1) * qnorm(.975) * se
      p <- 2 * pnorm(-abs(est / se)); if (ratio) {est <- exp(est); ci <- exp(ci)}
      list(estimate = est, se = se, df = NA, low = ci[1], high = ci[2], p = p)}
    rows <- c(rows, list(make(mean(p1) - mean(p0), g1 - g0, FALSE),
                         make(log(mean(p1) / mean(p0)), g1 / mean(p1) - g0 / mean(p0), TRUE)))}
  q <- quantile(x, c(.1, .5, .9)); med <- median(x)
  curve <- function(nk) {S <- spline(x, x, nk); f <- fit(family, y, cbind(S, C), id)
    against <- function(a, r) contrast(f, c(spline(x, c(a, rep(x, 1)), nk)[1, ] - spline(x, c(r, rep(x, 1)), nk)[1, ], rep(0, k)), ratio)
    list(f = f, against = against, q = ncol(S))}
  cv <- curve(4)
  rows <- c(rows, list(cv$against(q[1], q[2]), cv$against(q[3], q[2]), cv$against(q[3], q[1])),
            lapply(c(3, 5), function(nk) curve(nk)$against(q[3], q[1])))
  grid <- seq(quantile(x, .05), quantile(x, .95), length = 61)[c(1, 20, 61)]
  at <- 2:cv$q; W <- drop(t(cv$f$b[at]) %*% solve(cv$f$V[at, at]) %*% cv$f$b[at])
  if (family == "linear" || !is.null(id)) {df2 <- if (is.null(id)) cv$f$df else
      min(coef_test(cv$f$m, "CR2", cluster = id)$df_Satt[at + 1]); W <- W / (cv$q - 1); pb <- pf(W, cv$q - 1, df2, lower.tail = FALSE)
  } else pb <- pchisq(W, cv$q - 1, lower.tail = FALSE)
  eta <- drop(cbind(x, C) %*% main$b); eta <- (eta - mean(eta)) / sqrt(mean((eta - mean(eta))^2))
  link <- contrast(fit(family, y, cbind(eta, eta^2), id), c(0, 1), FALSE)$p
  vif <- 1 / (1 - summary(lm(x ~ C))$r.squared)
  list(rows = rows, points = lapply(grid, function(g) cv$against(g, med)), bend = c(W, pb), link = link, vif = vif,
       dispersion = main$dispersion,
       leverage = if (family %in% c("linear", "logistic", "poisson")) max(hatvalues(main$m)),
       ratio = if (family %in% c("linear", "logistic")) sqrt(main$V[1, 1] / vcov(main$m)[2, 2]))}
answers <- list(
  linear = run("linear", base$pain, base), logistic = run("logistic", base$lbp, base),
  poisson = run("poisson", base$lbp, base), negative_binomial = run("nb", base$days, base),
  ordinal = run("ordinal", base$grade, base),
  visits = run("linear", long$pain, long, c("age", "female", "bmi", "prior_lbp"), long$id),
  visits_poisson = run("poisson", long$lbp, long, c("age", "female", "bmi", "prior_lbp"), long$id))
write_json(answers, "dose_response.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null", null = "null")
