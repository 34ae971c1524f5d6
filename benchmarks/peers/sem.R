# Random-intercept cross-lagged panel by lavaan: CPU seconds, estimates, standard errors, chi-square.
suppressMessages({library(lavaan); library(jsonlite)})
words <- commandArgs(TRUE); d <- read.csv(file.path(words[1], "data.csv")); how <- fromJSON(words[2])
T <- how$waves
model <- paste(c(
  paste0("RIx =~ ", paste0("1*x", 1:T, collapse = " + ")),
  paste0("RIy =~ ", paste0("1*y", 1:T, collapse = " + ")),
  paste0("wx", 1:T, " =~ 1*x", 1:T), paste0("wy", 1:T, " =~ 1*y", 1:T),
  paste0("wx", 2:T, " ~ wx", 1:(T - 1), " + wy", 1:(T - 1)),
  paste0("wy", 2:T, " ~ wx", 1:(T - 1), " + wy", 1:(T - 1)),
  paste0("wx", 1:T, " ~~ wx", 1:T), paste0("wy", 1:T, " ~~ wy", 1:T),
  paste0("wx", 1:T, " ~~ wy", 1:T), "RIx ~~ RIx", "RIy ~~ RIy", "RIx ~~ RIy"), collapse = "\n")
run <- switch(how$kind,
  fit = function() lavaan(model, d),
  fiml = function() lavaan(model, d, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE),
  mlr = function() lavaan(model, d, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE,
                          estimator = "MLR"),
  boot = function() lavaan(model, d, se = "bootstrap", bootstrap = how$resamples))
set.seed(1); times <- if (is.null(how$times)) 1 else how$times

if (how$kind != "boot") invisible(suppressWarnings(run()))  # once before the clock starts
spent <- system.time(for (k in seq_len(times)) fit <- suppressWarnings(run()))
pe <- suppressWarnings(parameterEstimates(fit)); pe <- pe[pe$op == "~", ]
cat(toJSON(list(cpu_s = unname(spent[1] + spent[2]) / times, estimate = pe$est, se = pe$se,
                left = pe$lhs, right = pe$rhs, chisq = unname(fitMeasures(fit, "chisq"))),
           auto_unbox = TRUE, digits = NA))
