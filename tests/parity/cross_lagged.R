# Writes cross_lagged.json: the random-intercept panel model of analyses/cross_lagged by lavaan: lags
# equal, known error variances, sex moving every visit. Run in tests/parity: Rscript cross_lagged.R
suppressMessages({library(lavaan); library(jsonlite)})
tight <- list(rel.tol = 1e-10, iter.max = 50000, eval.max = 100000)
long <- read.csv("data/long.csv")
wide <- reshape(long[c("id", "wave", "glute", "pain", "female")], idvar = c("id", "female"), timevar = "wave", direction = "wide")
names(wide) <- sub("glute\\.(.)", "x\\1", sub("pain\\.(.)", "y\\1", names(wide))); wide$z <- 1 - wide$female
model <- function(error = c(.05^2, .3^2 + 1 / 12), lag = "equal", ri = TRUE, z = TRUE) {
  w <- if (ri) "w" else ""; v <- c("x", "y"); t <- 0:3
  name <- function(k, i) if (lag == "equal") k else paste0(k, i)
  path <- function(to, from, k) sprintf("%s%s%d ~ %s*%s%s%d", w, to, 1:3, name(k, 1:3), w, from, 0:2)
  paste(c(if (ri) c(sprintf("T%s =~ %s", v, sapply(v, function(a) paste0("1*", a, t, collapse = " + "))),
                    unlist(lapply(v, function(a) sprintf("w%s%d =~ 1*%s%d", a, t, a, t))),
                    "Tx ~~ Tx", "Ty ~~ Ty", "Tx ~~ Ty",
                    unlist(lapply(1:2, function(k) sprintf("%s%d ~~ %.17g*%s%d", v[k], t, error[k], v[k], t)))),
          path("x", "x", "a"), path("x", "y", "b"), path("y", "x", "c"), path("y", "y", "d"),
          sprintf("%sx%d ~~ %sy%d", w, t, w, t), unlist(lapply(v, function(a) sprintf("%s%s%d ~~ %s%s%d", w, a, t, w, a, t))),
          if (z) unlist(lapply(v, function(a) sprintf("%s%d ~ z", a, t))),
          if (lag == "free") "m := (c1 + c2 + c3) / 3"), collapse = "\n")
}
# lavaan's optimiser stops some 1e-7 short: Newton with its own gradient and Hessian finishes.
refine <- function(f) {
  m <- f@Model; x <- lavaan:::lav_model_get_parameters(m)
  K <- if (length(m@eq.constraints.K) > 0 && nrow(m@ceq.JAC) > 0) m@eq.constraints.K else diag(m@nx.free)
  for (i in 1:5) {
    now <- lavaan:::lav_model_set_parameters(m, x)
    g <- lavaan:::lav_model_gradient(now, lavsamplestats = f@SampleStats, lavdata = f@Data)
    invisible(capture.output(H <- lavaan:::lav_model_hessian(
      now, lavsamplestats = f@SampleStats, lavdata = f@Data, lavoptions = f@Options)))
    x <- x - drop(K %*% solve(t(K) %*% H %*% K, t(K) %*% g))
  }
  pt <- parTable(f); pt$est[pt$free > 0] <- x[pt$free[pt$free > 0]]; pt$start <- pt$ustart <- NULL
  pt
}
fit <- function(text) {
  run <- function(m, ...) suppressWarnings(lavaan(m, wide, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE,
    estimator = "MLR", fixed.x = TRUE, em.h1.iter.max = 100000L, em.h1.tol = 1e-13, control = tight, ...))
  first <- run(text); invisible(capture.output(again <- run(text, start = refine(first), optim.method = "none"))); again
}
path <- function(f, k) {p <- parameterEstimates(f, remove.nonfree = FALSE); r <- p[p$label == k, ][1, ]
  list(estimate = r$est, se = r$se, df = NA, low = r$ci.lower, high = r$ci.upper, p = r$pvalue)}
std <- function(f, to, from) {s <- standardizedSolution(f)
  r <- s[s$op == "~" & s$lhs %in% paste0("w", to, 1:3) & s$rhs %in% paste0("w", from, 0:2), ]
  list(estimate = mean(r$est.std), se = mean(r$se))}
head <- fit(model()); free <- fit(model(lag = "free")); bare <- fit(model(c(0, 0)))
old <- fit(model(ri = FALSE)); crude <- fit(model(z = FALSE))
m <- fitMeasures(head); d <- suppressWarnings(lavTestLRT(free, head))
out <- list(
  error_corrected = list(c = path(head, "c"), b = path(head, "b"), a = path(head, "a"), d = path(head, "d"),
                         std_c = std(head, "y", "x"), std_b = std(head, "x", "y")),
  observed = list(c = path(bare, "c"), b = path(bare, "b")), free = path(free, "m"), crude = path(crude, "c"),
  traditional = list(c = path(old, "c"), b = path(old, "b")),
  fit = as.list(m[c("pvalue.scaled", "rmsea.robust", "cfi.robust", "srmr", "df")]), equal_p = d[2, "Pr(>Chisq)"])
write_json(out, "cross_lagged.json", digits = NA, auto_unbox = TRUE, na = "null")
