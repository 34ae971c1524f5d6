# Writes lmm.json and data/lmm_{nested,crossed,weights}.csv: linear mixed models by lme4, lmerTest,
# pbkrtest, clubSandwich and performance. Run in tests/parity: Rscript lmm.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich)
                  library(jsonlite); library(performance)})
# The optimiser must stop at the optimum, not near it.
ct <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-2, rhoend = 1e-12, maxfun = 1e6),
                  check.conv.singular = "ignore", check.scaleX = "ignore")
tight <- function(f, d, REML = TRUE, w = NULL) {
  d$weight <- w; environment(f) <- environment()
  if (is.null(w)) lmer(f, d, REML = REML, control = ct) else lmer(f, d, REML = REML, weights = weight, control = ct)
}
one <- function(m) {
  v <- as.data.frame(VarCorr(m)); r <- if (isREML(m)) -2 * as.numeric(logLik(m)) else deviance(m)
  list(coef = unname(fixef(m)), cov = unname(as.matrix(vcov(m))), vc = v$vcov, deviance = r,
       aic = AIC(m), bic = BIC(m))
}
df <- function(m) {
  p <- length(fixef(m)); I <- diag(p); s <- coef(summary(m)); A <- vcovAdj(m)
  L <- I[2:p, , drop = FALSE]; w <- c(0, rep(1, p - 1)) * seq_len(p)
  list(satt = unname(s[, "df"]), satt_w = as.numeric(contest1D(m, w)$df),
       kr = sapply(1:p, function(j) Lb_ddf(I[j, ], vcov(m), A)), kr_w = Lb_ddf(w, vcov(m), A),
       kr_cov = unname(as.matrix(A)),
       satt_F = as.numeric(contestMD(m, L)[c("F value", "NumDF", "DenDF", "Pr(>F)")]),
       kr_F = {k <- KRmodcomp(m, L)$stats; as.numeric(c(k$Fstat, k$ndf, k$ddf, k$p.value))})
}
# Errors of log standard deviations and atanh correlations, from lmerTest's covariance of theta, sigma.
spread <- function(m, V = as_lmerModLmerTest(m)@vcov_varpar) {
  at <- c(getME(m, "theta"), sigma(m)); k <- length(at); q <- ncol(ranef(m)[[1]])
  one <- function(v) {s <- v[k]
    if (q == 1 || k - 1 < 3) return(c(log(abs(v[-k]) * s), log(s)))
    L <- matrix(0, q, q); L[lower.tri(L, TRUE)] <- v[-k]; C <- L %*% t(L)
    c(log(diag(C)) / 2 + log(s), atanh(cov2cor(C)[lower.tri(C)]), log(s))}
  J <- numDeriv::jacobian(one, at); sqrt(diag(J %*% V %*% t(J)))}
modes <- function(m, n = 12) {r <- ranef(m, condVar = TRUE); k <- length(r)
  lapply(r, function(b) {v <- attr(b, "postVar"); q <- ncol(b); b <- as.matrix(b)
    list(mode = unname(b[1:n, , drop = FALSE]),
         sd = unname(t(sapply(1:n, function(i) sqrt(diag(matrix(v[, , i], q)))) |> matrix(nrow = q))))})}
cr <- function(m, kind, g) {V <- vcovCR(m, cluster = g, type = kind)
  list(cov = unname(as.matrix(V)), df = coef_test(m, vcov = V)$df_Satt)}
r2 <- function(m) {r <- r2_nakagawa(m); c(unname(r$R2_marginal), unname(r$R2_conditional))}

long <- read.csv("data/long.csv"); long$gm <- ave(long$glute, long$id); long$gw <- long$glute - long$gm
A <- list()
m <- tight(pain ~ glute + wave + age + female + (1 + wave | id), long)
A$slope <- c(one(m), df(m), list(spread = spread(m), modes = modes(m)$id, r2 = r2(m), cr2 = cr(m, "CR2", long$id), cr0 = cr(m, "CR0", long$id),
             fitted = unname(fitted(m)[1:20])))
A$slope_ml <- one(tight(pain ~ glute + wave + age + female + (1 + wave | id), long, REML = FALSE))
m <- tight(pain ~ gw + gm + wave + age + female + (1 | id), long)
A$wb <- c(one(m), df(m), list(spread = spread(m), modes = modes(m)$id, r2 = r2(m), cr2 = cr(m, "CR2", long$id)))
m <- tight(pain ~ gw + gm + wave + age + female + (1 | id), long, REML = FALSE)
A$wb_ml <- c(one(m), list(profile = unname(suppressMessages(confint(m, devtol = 1e-6)))))
m <- tight(pain ~ glute + wave + age + (1 + wave || id), long)
A$apart <- c(one(m), df(m), list(spread = spread(m)))
m <- tight(pain ~ glute + (1 + wave + tilt | id), within(long, tilt <- tilt / 10))
A$three <- c(one(m), df(m))

set.seed(11); long$time <- round(long$wave + rnorm(nrow(long), 0, .2), 4); long$w <- round(exp(rnorm(nrow(long), 0, .5)), 4)
write.csv(long[, c("id", "time", "w")], "data/lmm_weights.csv", row.names = FALSE)
m <- tight(pain ~ glute + time + age + (1 + time | id), long)
A$times <- c(one(m), df(m), list(modes = modes(m)$id, r2 = r2(m), cr2 = cr(m, "CR2", long$id)))
m <- tight(pain ~ glute + time + age + (1 + time | id), long, w = long$w)
A$weights <- c(one(m), list(satt = unname(coef(summary(m))[, "df"])), list(modes = modes(m)$id))
# pbkrtest leaves prior weights out (vcovAdj takes sigma2 I); rows times root(w) are the same model without.
root <- within(long, {r <- sqrt(w); y <- pain * r; g <- glute * r; t <- time * r; a <- age * r})
m <- tight(y ~ 0 + r + g + t + a + (0 + r + t | id), root)
A$weights_rows <- df(m)[c("satt", "kr", "kr_w", "kr_cov", "satt_w")]
m <- tight(pain ~ glute + wave + (1 | id), long, w = long$w)
A$weights_intercept <- c(one(m), list(satt = unname(coef(summary(m))[, "df"])))

# Nested: sides within people, one to four trials a side; crossed: raters by people.
set.seed(12); K <- 60; nest <- do.call(rbind, lapply(1:K, function(i) do.call(rbind, lapply(1:2, function(s)
  if (s == 2 && i %% 7 == 0) NULL else data.frame(id = i, side = s, trial = seq_len(1 + (i * s) %% 4), x = i %% 2)))))
nest$z <- round(rnorm(nrow(nest)), 3)
nest$y <- round(with(nest, 2 + .5 * x + .3 * z + rnorm(K)[id] + rnorm(2 * K, 0, .7)[2 * id - 2 + side] + rnorm(nrow(nest), 0, .5)), 4)
write.csv(nest, "data/lmm_nested.csv", row.names = FALSE)
m <- tight(y ~ x + z + (1 | id / side), nest)
side <- ranef(m, condVar = TRUE)[["side:id"]]
at <- match(paste(c(1, 2, 1, 2, 1, 2), c(1, 1, 6, 6, 8, 8), sep = ":"), rownames(side))
A$nested <- c(one(m), df(m), list(modes = modes(m)$id,
  side = list(id = c(1, 1, 6, 6, 8, 8), side = c(1, 2, 1, 2, 1, 2), mode = side[at, 1], sd = sqrt(attr(side, "postVar")[1, 1, at])), r2 = r2(m), cr2 = cr(m, "CR2", nest$id)))
A$nested_ml <- one(tight(y ~ x + z + (1 | id / side), nest, REML = FALSE))
set.seed(13); cross <- expand.grid(id = 1:40, rater = 1:6); cross <- cross[runif(nrow(cross)) < .7, ]
cross$x <- cross$id %% 2; cross$z <- round(rnorm(nrow(cross)), 3)
cross$y <- round(with(cross, 1 + .4 * x - .2 * z + rnorm(40)[id] + rnorm(6, 0, .6)[rater] + rnorm(nrow(cross), 0, .8)), 4)
cross$w <- round(exp(rnorm(nrow(cross), 0, .4)), 4)
write.csv(cross, "data/lmm_crossed.csv", row.names = FALSE)
m <- tight(y ~ x + z + (1 | id) + (1 | rater), cross)
A$crossed <- c(one(m), df(m), list(spread = spread(m), modes = {r <- ranef(m, condVar = TRUE); lapply(r, function(b) list(
  mode = unname(b[1:6, 1]), sd = sqrt(attr(b, "postVar")[1, 1, 1:6])))}, r2 = r2(m)))
m <- tight(y ~ x + z + (1 | id) + (1 | rater), cross, REML = FALSE)
A$crossed_ml <- c(one(m), list(profile = unname(confint(m))))
A$crossed_weights <- one(tight(y ~ x + z + (1 | id) + (1 | rater), cross, w = cross$w))

# Classic data (not kept here): sleepstudy.
m <- tight(Reaction ~ Days + (Days | Subject), sleepstudy)
A$sleep <- c(one(m), df(m), list(modes = modes(m)$Subject, r2 = r2(m), cr2 = cr(m, "CR2", sleepstudy$Subject)))
m <- tight(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE); A$sleep_ml <- one(m)
m <- tight(Reaction ~ Days + (1 | Subject), sleepstudy)
A$sleep_intercept <- c(one(m), df(m), list(r2 = r2(m)))
some <- sleepstudy[(seq_len(180) * 7) %% 10 < 7 | seq_len(180) %% 11 == 0, ]
some$even <- as.numeric(as.character(some$Subject)) %% 2
m <- tight(Reaction ~ Days * even + (Days | Subject), some)
A$sleep_unbalanced <- c(one(m), df(m))
# On the boundary: no spread of slopes; no spread between people at all.
set.seed(14); flat <- data.frame(id = rep(1:30, each = 4), t = rep(0:3, 30)); flat$y <- round(with(flat, .2 * t + rnorm(30)[id] + rnorm(120)), 4)
none <- flat; none$y <- round(residuals(lm(y ~ factor(id), flat)) + rep(c(.4, -.4), 60), 4)
write.csv(cbind(flat, none = none$y), "data/lmm_boundary.csv", row.names = FALSE)
m <- tight(y ~ t + (1 + t | id), flat)
A$boundary <- c(one(m), df(m), list(theta = getME(m, "theta")))
m <- tight(y ~ t + (1 + t | id), flat, REML = FALSE)
A$boundary_ml <- c(one(m), list(profile = unname(suppressWarnings(confint(m, parm = c(".sig01", ".sig03", ".sigma", "t"))))))
m <- tight(y ~ t + (1 | id), none)
A$none <- c(one(m), list(satt = unname(coef(summary(m))[, "df"]), theta = getME(m, "theta")))
write_json(A, "lmm.json", digits = NA, auto_unbox = TRUE, matrix = "rowmajor")
