# Writes two_legs.json: what the analyses of two legs report (squeeze, asymmetry, pain by leg), by R.
# Run in tests/parity: Rscript two_legs.R
suppressMessages({library(sandwich); library(clubSandwich); library(survival); library(gee); library(jsonlite)})
legs <- read.csv("data/two_legs.csv")
wide <- reshape(legs, idvar = c("id", "pain", "age", "lbp"), timevar = "side", direction = "wide")
wide <- wide[order(wide$id), ]
z95 <- qnorm(.975)
ci <- function(b, se, df = Inf) {q <- if (is.finite(df)) qt(.975, df) else z95
  p <- if (is.finite(df)) 2 * pt(-abs(b / se), df) else 2 * pnorm(-abs(b / se))
  list(estimate = b, se = se, df = if (is.finite(df)) df else NULL, low = b - q * se, high = b + q * se, p = p)}
ratio <- function(b, se, df = Inf) {k <- ci(b, se, df); k$estimate <- exp(b); k$low <- exp(k$low); k$high <- exp(k$high); k}
out <- list()

# Squeeze against strength: Spearman with Bonett and Wright's interval; Somers' D with a jackknife.
g <- wide$grade.right - wide$grade.left
a <- log(wide$strength.right / wide$strength.left)
r <- cor(g, a, method = "spearman"); n <- length(g); se <- sqrt((1 + r^2 / 2) / (n - 3))
out$spearman <- list(estimate = r, se = se, low = tanh(atanh(r) - z95 * se), high = tanh(atanh(r) + z95 * se),
                     p = 2 * pnorm(-abs(atanh(r) / se)))
d <- function(k) {s <- sign(outer(g[k], g[k], "-")); t <- sign(outer(a[k], a[k], "-")); sum(s * t) / sum(s != 0)}
D <- d(1:n); loo <- atanh(sapply(1:n, function(i) d(-i))); se <- sqrt((n - 1) / n * sum((loo - mean(loo))^2))
out$somers <- list(estimate = D, se = se, low = tanh(atanh(D) - z95 * se), high = tanh(atanh(D) + z95 * se))
m <- lm(a ~ g); V <- vcovHC(m, "HC3")
out$within <- ratio(coef(m)[[2]], sqrt(V[2, 2]), n - 2)
m <- lm(log(strength) ~ grade, legs); t <- coef_test(m, vcovCR(m, legs$id, "CR2"))
out$between <- ratio(coef(m)[[2]], t$SE[2], t$df_Satt[2])

# Pain of one side: conditional logit of two legs is a logistic model of the differences.
one <- subset(wide, pain %in% c("left", "right")); one$y <- as.numeric(one$pain == "right")
one$x <- 10 * log(one$strength.right / one$strength.left)
m <- glm(y ~ x, binomial, one, control = glm.control(epsilon = 1e-14)); V <- vcovHC(m, "HC3")
out$side <- ratio(coef(m)[[2]], sqrt(V[2, 2]))
long <- subset(legs, pain %in% c("left", "right")); long$case <- as.numeric(long$pain == long$side)
long$s <- 10 * log(long$strength); long$right <- as.numeric(long$side == "right")
k <- clogit(case ~ s + right + strata(id), long, control = coxph.control(eps = 1e-12))
out$clogit <- list(coef = unname(coef(k)), se = unname(sqrt(diag(vcov(k)))))
# Absolute asymmetry with the mean strength and age.
wide$abs <- 10 * abs(log(wide$strength.right / wide$strength.left)); wide$mean <- (wide$strength.right + wide$strength.left) / 2
m <- lm(nprs.left ~ abs + age + mean, wide); V <- vcovHC(m, "HC3")
out$absolute <- ci(coef(m)[["abs"]], sqrt(V["abs", "abs"]), m$df.residual)

# Sacroiliac pain leg by leg on the strength of that leg, people as clusters.
legs <- legs[order(legs$id, legs$side), ]; legs$right <- as.numeric(legs$side == "right")
legs$id <- as.integer(factor(legs$id))
root <- function(A) {e <- eigen(A); Re(e$vectors %*% diag(1 / sqrt(as.complex(e$values)), nrow(A)) %*% solve(e$vectors))}
kc <- function(X, y, id, coef, fam, alpha, phi) {  # Kauermann and Carroll's errors as their paper prints them
  eta <- drop(X %*% coef); mu <- fam$linkinv(eta)
  parts <- lapply(unique(id), function(i) {at <- which(id == i); v <- fam$variance(mu[at])
    R <- (1 - alpha) * diag(length(at)) + alpha
    list(D = X[at, , drop = FALSE] * fam$mu.eta(eta[at]), V = phi * (sqrt(v) %o% sqrt(v)) * R, e = (y - mu)[at])})
  M <- solve(Reduce(`+`, lapply(parts, function(k) t(k$D) %*% solve(k$V, k$D))))
  S <- Reduce(`+`, lapply(parts, function(k) {H <- k$D %*% M %*% t(k$D) %*% solve(k$V)
    u <- t(k$D) %*% solve(k$V, root(diag(nrow(H)) - H) %*% k$e); u %*% t(u)}))
  unname(sqrt(diag(M %*% S %*% M)))}
moments <- function(f, fam, data, cor) {
  o <- capture.output(g <- suppressMessages(suppressWarnings(gee(f, id = id, data = data, family = fam, corstr = cor,
                                                                 tol = 1e-12, maxiter = 500))))
  X <- model.matrix(f, data); y <- model.response(model.frame(f, data))
  alpha <- if (cor == "independence") 0 else g$working.correlation[1, 2]
  list(coef = unname(g$coefficients), alpha = alpha, se = kc(X, y, data$id, g$coefficients, fam, alpha, g$scale))}
out$si <- lapply(c(independence = "independence", exchangeable = "exchangeable"), function(cor)
  moments(si ~ strength + age + right, binomial(), legs, cor))
# Two numbers a person, one slope: grades of the two legs as if they were two triggers.
two <- merge(legs, data.frame(id = as.integer(factor(wide$id)), mean = wide$mean)); two <- two[order(two$id, two$side), ]
out$triggers <- moments(grade ~ mean + age + right, gaussian(), two, "exchangeable")
out$each <- moments(grade ~ I(mean * (1 - right)) + I(mean * right) + age + right, gaussian(), two, "exchangeable")
write(toJSON(out, digits = NA, auto_unbox = TRUE, null = "null", pretty = TRUE), "two_legs.json")
