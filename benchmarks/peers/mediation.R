# Serial mediation with a bootstrap by lavaan: CPU seconds, indirect effects, their standard errors.
suppressMessages({library(lavaan); library(jsonlite)})
words <- commandArgs(TRUE); d <- read.csv(file.path(words[1], "data.csv")); how <- fromJSON(words[2])
model <- "M1 ~ a1*X + age + bmi\nM2 ~ a2*X + d*M1 + age + bmi\nY ~ cp*X + b1*M1 + b2*M2 + age + bmi
one := a1*b1\nboth := a1*d*b2\ntwo := a2*b2"
set.seed(1)
spent <- system.time(fit <- sem(model, d, se = "bootstrap", bootstrap = how$resamples))
pe <- parameterEstimates(fit); pe <- pe[pe$op == ":=", ]
cat(toJSON(list(cpu_s = unname(spent[1] + spent[2]), estimate = pe$est, se = pe$se),
           auto_unbox = TRUE, digits = NA))
