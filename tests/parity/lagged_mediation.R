# Writes lagged_mediation.json: gains by lm (HC3), lagged paths by lavaan (MLR), their products by
# hand with the joint covariance from the influences of people; data/lagged_programme.csv.
# Run in tests/parity: Rscript lagged_mediation.R
suppressMessages({library(lavaan); library(sandwich); library(jsonlite)})
tight <- list(rel.tol = 1e-10, iter.max = 50000, eval.max = 100000)
d <- read.csv("data/lagged_programme.csv", na.strings = "")
visits <- c("baseline", "week04", "week08", "week12"); d$v <- match(d$visit, visits) - 1
ids <- sort(unique(d$id)); first <- d[match(ids, d$id), ]
wide <- function(name) {m <- matrix(NA, length(ids), 4); m[cbind(match(d$id, ids), d$v + 1)] <- d[[name]]; m}
x <- wide("torque"); y <- wide("nprs"); arm <- as.numeric(first$arm == "programme"); age <- first$age_years
dose <- ifelse(arm == 1, first$adherence, 0)
w <- setNames(data.frame(x, y, (age - 45) / 10, arm, dose), c(paste0("x", 0:3), paste0("y", 0:3), "z1", "z2", "z3"))
model <- function(error, lag = "equal") {
  v <- c("x", "y"); t <- 0:3
  name <- function(k, i) if (lag == "equal") k else paste0(k, i)
  path <- function(to, from, k) sprintf("w%s%d ~ %s*w%s%d", to, 1:3, name(k, 1:3), from, 0:2)
  paste(c(sprintf("T%s =~ %s", v, sapply(v, function(a) paste0("1*", a, t, collapse = " + "))),
          unlist(lapply(v, function(a) sprintf("w%s%d =~ 1*%s%d", a, t, a, t))),
          "Tx ~~ Tx", "Ty ~~ Ty", "Tx ~~ Ty",
          unlist(lapply(1:2, function(k) sprintf("%s%d ~~ %.17g*%s%d", v[k], t, error[k], v[k], t))),
          path("x", "x", "a"), path("x", "y", "b"), path("y", "x", "c"), path("y", "y", "d"),
          sprintf("wx%d ~~ wy%d", t, t), unlist(lapply(v, function(a) sprintf("w%s%d ~~ w%s%d", a, t, a, t))),
          unlist(lapply(v, function(a) sprintf("%s%d ~ z1 + z2 + z3", a, t)))), collapse = "\n")
}
basis <- function(f) {m <- f@Model
  if (length(m@eq.constraints.K) > 0 && nrow(m@ceq.JAC) > 0) m@eq.constraints.K else diag(m@nx.free)}
# lavaan's optimiser stops some 1e-7 short: Newton with its own gradient and Hessian finishes.
refine <- function(f) {
  m <- f@Model; p <- lavaan:::lav_model_get_parameters(m); K <- basis(f)
  for (i in 1:5) {
    now <- lavaan:::lav_model_set_parameters(m, p)
    g <- lavaan:::lav_model_gradient(now, lavsamplestats = f@SampleStats, lavdata = f@Data)
    invisible(capture.output(H <- lavaan:::lav_model_hessian(
      now, lavsamplestats = f@SampleStats, lavdata = f@Data, lavoptions = f@Options)))
    p <- p - drop(K %*% solve(t(K) %*% H %*% K, t(K) %*% g))
  }
  pt <- parTable(f); pt$est[pt$free > 0] <- p[pt$free[pt$free > 0]]; pt$start <- pt$ustart <- NULL
  pt
}
fit <- function(text) {
  run <- function(m, ...) suppressWarnings(lavaan(m, w, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE,
    estimator = "MLR", fixed.x = TRUE, em.h1.iter.max = 100000L, em.h1.tol = 1e-13, control = tight, ...))
  one <- run(text); invisible(capture.output(again <- run(text, start = refine(one), optim.method = "none"))); again
}
# What each person does to a labelled parameter: score times the inverse of the observed information.
own <- function(f, labels) {
  K <- basis(f); s <- lavaan::lavScores(f, scaling = FALSE, remove.duplicated = FALSE)
  if (ncol(s) != nrow(K)) stop("scores do not fit the parameters")
  invisible(capture.output(H <- lavaan:::lav_model_hessian(
    f@Model, lavsamplestats = f@SampleStats, lavdata = f@Data, lavoptions = f@Options)))
  H <- nobs(f) * t(K) %*% H %*% K; i <- s %*% K %*% solve(H) %*% t(K)
  free <- parTable(f); free <- free[free$free > 0, ]
  i[, match(labels, free$label)]
}
value <- function(f, labels) {p <- parameterEstimates(f, remove.nonfree = FALSE); p$est[match(labels, p$label)]}
leg <- function(y, columns) {
  m <- data.frame(y = y, columns); use <- complete.cases(m); f <- lm(y ~ ., m[use, ])
  own <- numeric(length(y)); X <- model.matrix(f)
  own[use] <- (X %*% solve(crossprod(X)))[, 2] * resid(f) / (1 - hatvalues(f))
  list(value = unname(coef(f)[2]), own = own, se = sqrt(vcovHC(f, "HC3")[2, 2]), df = f$df.residual)
}
wald <- function(est, se, df = Inf) {half <- qt(.975, df) * se
  list(estimate = est, se = se, df = if (is.finite(df)) df else NA, low = est - half, high = est + half,
       p = 2 * pt(-abs(est / se), df))}
delta <- function(est, slope, I) wald(est, sqrt(sum((I %*% slope)^2)))
g4 <- leg(x[, 2], data.frame(arm, x0 = x[, 1], age)); g8 <- leg(x[, 3], data.frame(arm, x0 = x[, 1], age))
total <- leg(y[, 4], data.frame(arm, y0 = y[, 1], age))
product <- function(f, labels = c("c", "d")) {
  k <- value(f, labels); I <- cbind(g4$own, g8$own, own(f, labels))
  delta(g4$value * k[1] * k[2] + g8$value * k[1], c(k[1] * k[2], k[1], g4$value * k[2] + g8$value, g4$value * k[1]), I)
}
known <- c(.05^2, .3^2 + 1 / 12)
head <- fit(model(known)); bare <- fit(model(c(0, 0))); free <- fit(model(known, "free"))
k <- value(head, c("c", "d")); I <- cbind(g4$own, g8$own, total$own, own(head, c("c", "d")))
s <- c(k[1] * k[2], k[1], g4$value * k[2] + g8$value, g4$value * k[1])
est <- sum(g4$value * k[1] * k[2], g8$value * k[1]); S <- g4$value * k[2] + g8$value
# Free lags: the gain at week 4 goes through the second interval's path and the third's carry-over.
q <- value(free, c("c2", "c3", "d3")); J <- cbind(g4$own, g8$own, own(free, c("c2", "c3", "d3")))
apart <- delta(g4$value * q[1] * q[3] + g8$value * q[2], c(q[1] * q[3], q[2], g4$value * q[3], g8$value, g4$value * q[1]), J)
use <- !is.na(y[, 4]); x8 <- ifelse(use, x[, 3], NA)
a1 <- leg(x8, data.frame(arm, x0 = x[, 1], y0 = y[, 1], age))
b1 <- leg(y[, 4], data.frame(x8 = x[, 3], arm, x0 = x[, 1], y0 = y[, 1], age))
pe <- parameterEstimates(head, remove.nonfree = FALSE)
path <- function(l) {r <- pe[pe$label == l, ][1, ]; wald(r$est, r$se)}
out <- list(indirect = delta(est, s, I[, -3]),
  direct = delta(total$value - est, c(-s[1], -s[2], 1, -s[3], -s[4]), I),
  share = delta(est / total$value, c(s[1], s[2], -est / total$value, s[3], s[4]) / total$value, I),
  needed = delta(total$value / S, c(-total$value * k[2] / S^2, -total$value / S^2, 1 / S, 0, -total$value * g4$value / S^2), I),
  total = wald(total$value, total$se, total$df), gain_week04 = wald(g4$value, g4$se, g4$df),
  gain_week08 = wald(g8$value, g8$se, g8$df), c = path("c"), d = path("d"), observed = product(bare), free = apart,
  once = delta(a1$value * b1$value, c(b1$value, a1$value), cbind(a1$own, b1$own)))
write_json(out, "lagged_mediation.json", digits = NA, auto_unbox = TRUE, na = "null")
