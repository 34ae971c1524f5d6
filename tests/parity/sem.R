# Writes sem.json: structural equation models by lavaan with tight optimisation.
# Run in tests/parity: Rscript sem.R
# HolzingerSwineford1939 and PoliticalDemocracy come from lavaan itself.
suppressMessages({library(lavaan); library(jsonlite)})
wide <- read.csv("data/wide.csv"); mulder <- read.csv("data/riclpm_mulder.csv")
base <- subset(read.csv("data/long.csv"), wave == 0)
hs <- HolzingerSwineford1939[, paste0("x", 1:9)]
# A tenth of the cells, by a rule that any language can repeat (rows and columns from 0).
gone <- outer(seq_len(nrow(hs)) - 1, 0:8, function(i, j) (i * i * 31 + j * 17 + i * j * 7) %% 10 == 3)
holes <- hs; holes[gone] <- NA
tight <- list(rel.tol = 1e-10, iter.max = 50000, eval.max = 100000)
measures <- c("npar", "chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea",
              "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "srmr", "logl",
              "unrestricted.logl", "aic", "bic", "ntotal")
scaled <- c("chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq.scaled",
            "baseline.chisq.scaling.factor", "cfi.scaled", "tli.scaled", "rmsea.scaled",
            "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled", "rmsea.pvalue.scaled",
            "cfi.robust", "tli.robust", "rmsea.robust", "rmsea.ci.lower.robust",
            "rmsea.ci.upper.robust")
# lavaan's optimiser stops some 1e-7 short. Newton with its own gradient and Hessian finishes; then
# lavaan computes everything again at that point (its baseline model comes from the first fit).
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
one <- function(both) {
  first <- fitMeasures(both$first)
  f <- if (is.null(both$again)) both$first else both$again
  pe <- parameterEstimates(f, remove.nonfree = FALSE)
  st <- standardizedSolution(f)
  invisible(capture.output(fm <- suppressWarnings(fitMeasures(f))))
  from_first <- grep("^(baseline|cfi|tli|rmsea.*robust)", names(first), value = TRUE)
  fm[from_first] <- first[from_first]
  robust <- lavInspect(f, "options")$se == "robust.huber.white"
  wanted <- intersect(c(measures, if (robust) scaled else grep("robust", scaled, value = TRUE)), names(fm))
  lab <- if (is.null(pe$label)) rep("", nrow(pe)) else pe$label
  list(fit = as.list(fm[wanted]),
       par = data.frame(lhs = pe$lhs, op = pe$op, rhs = pe$rhs, label = lab, est = pe$est, se = pe$se,
                        std = st$est.std, std_se = st$se))
}
twice <- function(fitter, ...) {
  first <- fitter(..., control = tight, em.h1.iter.max = 100000L, em.h1.tol = 1e-13)
  invisible(capture.output(again <- suppressWarnings(fitter(
    ..., control = tight, em.h1.iter.max = 100000L, em.h1.tol = 1e-13, start = refine(first),
    optim.method = "none"))))
  list(first = first, again = again)
}
em <- function(...) twice(lavaan, ...)
as_sem <- function(...) twice(sem, ...)
riclpm <- function(x, y, n, equal = FALSE) {
  lag <- function(to, from, name) paste0(to, 2:n, " ~ ", if (equal) paste0(name, "*"), from, 1:(n - 1))
  paste(c(paste0("RI", x, " =~ ", paste0("1*", x, 1:n, collapse = " + ")),
          paste0("RI", y, " =~ ", paste0("1*", y, 1:n, collapse = " + ")),
          paste0("w", x, 1:n, " =~ 1*", x, 1:n), paste0("w", y, 1:n, " =~ 1*", y, 1:n),
          lag(paste0("w", x), paste0("w", x), "a"), lag(paste0("w", x), paste0("w", y), "b"),
          lag(paste0("w", y), paste0("w", x), "c"), lag(paste0("w", y), paste0("w", y), "d"),
          paste0("w", x, 1:n, " ~~ w", y, 1:n), paste0("w", x, 1:n, " ~~ w", x, 1:n),
          paste0("w", y, 1:n, " ~~ w", y, 1:n), sprintf("RI%s ~~ RI%s", c(x, y, x), c(x, y, y))),
        collapse = "\n")
}
clpm <- function(n) paste(c(paste0("x", 2:n, " ~ x", 1:(n - 1), " + y", 1:(n - 1)),
  paste0("y", 2:n, " ~ x", 1:(n - 1), " + y", 1:(n - 1)), paste0("x", 1:n, " ~~ y", 1:n),
  paste0("x", 1:n, " ~~ x", 1:n), paste0("y", 1:n, " ~~ y", 1:n)), collapse = "\n")
fiml <- function(m, d, ...) em(m, d, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE, ...)
difference <- function(f0, f1) {
  a <- lavTestLRT(f1$again, f0$again)
  list(chisq = a[2, "Chisq diff"], df = a[2, "Df diff"], p = a[2, "Pr(>Chisq)"])
}
out <- list()
# Four waves with missing cells.
w0 <- fiml(riclpm("g", "p", 4, TRUE), wide); w1 <- fiml(riclpm("g", "p", 4), wide)
w0r <- fiml(riclpm("g", "p", 4, TRUE), wide, estimator = "MLR")
w1r <- fiml(riclpm("g", "p", 4), wide, estimator = "MLR")
out$wide_equal <- one(w0); out$wide_free <- one(w1)
out$wide_equal_mlr <- one(w0r); out$wide_free_mlr <- one(w1r)
out$wide_difference <- difference(w0, w1); out$wide_difference_mlr <- difference(w0r, w1r)
# Mulder and Hamaker: five waves, complete; observed information as with missing = "ML".
m1 <- fiml(riclpm("x", "y", 5), mulder); m0 <- fiml(riclpm("x", "y", 5, TRUE), mulder)
m1r <- em(riclpm("x", "y", 5), mulder, meanstructure = TRUE, int.ov.free = TRUE, estimator = "MLR")
m0r <- em(riclpm("x", "y", 5, TRUE), mulder, meanstructure = TRUE, int.ov.free = TRUE, estimator = "MLR")
out$mulder <- one(m1); out$mulder_equal <- one(m0); out$mulder_mlr <- one(m1r)
out$mulder_expected <- one(em(riclpm("x", "y", 5), mulder))
out$mulder_difference <- difference(m0, m1); out$mulder_difference_mlr <- difference(m0r, m1r)
out$mulder_clpm <- one(fiml(clpm(5), mulder))
# Waves at 0, 1, 2, 4: the last lags are the square of the unit lags. Expected information, because
# lavaan's observed one leaves out the curvature of the constraints.
w <- riclpm("g", "p", 4)
for (t in 2:4) {
  s <- c("a", "b", "c", "d"); s <- if (t == 4) paste0(s, "2") else s
  w <- sub(sprintf("wg%d ~ wg%d", t, t - 1), sprintf("wg%d ~ %s*wg%d", t, s[1], t - 1), w)
  w <- sub(sprintf("wg%d ~ wp%d", t, t - 1), sprintf("wg%d ~ %s*wp%d", t, s[2], t - 1), w)
  w <- sub(sprintf("wp%d ~ wg%d", t, t - 1), sprintf("wp%d ~ %s*wg%d", t, s[3], t - 1), w)
  w <- sub(sprintf("wp%d ~ wp%d", t, t - 1), sprintf("wp%d ~ %s*wp%d", t, s[4], t - 1), w)
}
power <- paste(w, "a2 == a*a + b*c\nb2 == a*b + b*d\nc2 == c*a + d*c\nd2 == c*b + d*d", sep = "\n")
out$wide_power <- one(list(first = lavaan(
  power, wide, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE, control = tight,
  em.h1.iter.max = 100000L, em.h1.tol = 1e-13, information = "expected")))
# Serial mediation with defined parameters; covariates fixed as lavaan does, and free.
serial <- "tilt ~ a1*glute + age + female + bmi + prior_lbp
lordosis ~ a2*glute + d21*tilt + age + female + bmi + prior_lbp
pain ~ cp*glute + b1*tilt + b2*lordosis + age + female + bmi + prior_lbp
serial := a1*d21*b2\nvia_tilt := a1*b1\nvia_lord := a2*b2
totind := a1*b1 + a2*b2 + a1*d21*b2\ntotal := cp + a1*b1 + a2*b2 + a1*d21*b2"
out$serial <- one(list(first = sem(serial, base, control = tight)))
out$serial_free <- one(as_sem(serial, base, fixed.x = FALSE))
out$serial_mlr <- one(list(first = sem(serial, base, estimator = "MLR", control = tight)))
# The same without the direct path, which leaves a degree of freedom; covariates fixed and free.
partial <- sub("cp[*]glute", "0*glute", sub("totind := .*", "", serial))
out$partial <- one(list(first = sem(partial, base, control = tight)))
out$partial_mlr <- one(list(first = sem(partial, base, estimator = "MLR", control = tight)))
out$partial_free_mlr <- one(as_sem(partial, base, fixed.x = FALSE, estimator = "MLR"))
# Two outcomes that act on each other; and the path model where values are missing, of covariates too.
loop <- "x2 ~ y2 + x1\ny2 ~ x2 + y1\nx2 ~~ y2"
out$loop <- one(list(first = sem(loop, mulder, control = tight)))
some <- c("glute", "tilt", "lordosis", "pain")
away <- outer(seq_len(nrow(base)) - 1, 0:3, function(i, j) (i * i * 31 + j * 17 + i * j * 7) %% 10 == 4)
gaps <- base; gaps[some][away] <- NA
out$gaps <- one(as_sem(partial, gaps, fixed.x = FALSE, missing = "ml"))
out$gaps_mlr <- one(as_sem(partial, gaps, fixed.x = FALSE, missing = "ml", estimator = "MLR"))
out$gaps_fixed_mlr <- one(list(first = suppressWarnings(
  sem(partial, gaps, missing = "ml", estimator = "MLR", control = tight,
      em.h1.iter.max = 100000L, em.h1.tol = 1e-13))))
# Three factors, complete and with holes.
three <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
as_cfa <- function(...) twice(cfa, three, ...)
out$hs <- one(as_cfa(hs)); out$hs_mlr <- one(as_cfa(hs, estimator = "MLR"))
out$hs_std_lv <- one(as_cfa(hs, std.lv = TRUE))
out$hs_holes <- one(as_cfa(holes, missing = "ml"))
out$hs_holes_mlr <- one(as_cfa(holes, missing = "ml", estimator = "MLR"))
democracy <- "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60\ndem65 ~ ind60 + dem60
y1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8"
out$democracy <- one(as_sem(democracy, PoliticalDemocracy))
out$democracy_observed <- one(as_sem(democracy, PoliticalDemocracy, information = "observed"))
out$democracy_mlr <- one(as_sem(democracy, PoliticalDemocracy, estimator = "MLR"))
write_json(out, "sem.json", digits = NA, auto_unbox = TRUE, na = "null", dataframe = "columns")
