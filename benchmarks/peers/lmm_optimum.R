# Least REML deviance of each data set in a folder, by lme4 with several optimisers and starts.
# Rscript lmm_optimum.R FOLDER COUNT; prints JSON. Called by benchmarks/simulations/lmm_optimum.py.
suppressMessages({library(lme4); library(jsonlite)})
a <- commandArgs(TRUE); quiet <- suppressMessages
f <- y ~ strength + wave + female + (1 + wave | who)
tight <- list(bobyqa = list(rhobeg = .02, rhoend = 1e-10, maxfun = 1e5),
              nloptwrap = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5),
              Nelder_Mead = list(xst = rep(.02, 3), FtolAbs = 1e-13, FtolRel = 1e-15, XtolRel = 1e-10, maxfun = 1e5))
starts <- list(c(1, 0, 1), c(1, 0, .1), c(.5, .1, .3))
out <- lapply(seq_len(as.integer(a[2])) - 1, function(k) {
  d <- read.csv(file.path(a[1], paste0(k, ".csv")))
  usual <- quiet(suppressWarnings(lmer(f, d)))
  tried <- unlist(lapply(names(tight), function(o) sapply(starts, function(s) {
    m <- quiet(suppressWarnings(lmer(f, d, start = s, control = lmerControl(optimizer = o, optCtrl = tight[[o]], calc.derivs = FALSE))))
    -2 * as.numeric(logLik(m))})))
  polish <- quiet(suppressWarnings(lmer(f, d, control = lmerControl(optimizer = "bobyqa", optCtrl = tight$bobyqa))))
  c(min(tried), -2 * as.numeric(logLik(usual)), isSingular(polish))
})
out <- do.call(rbind, out)
cat(toJSON(list(deviance = out[, 1], default = out[, 2], singular = out[, 3]), digits = NA))
