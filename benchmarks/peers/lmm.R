# lmer as it comes: y on time, strength, age with a random intercept and slope of who. Prints cpu_s,
# coef, se, loglik.
suppressMessages({library(lme4); library(jsonlite)})
d <- read.csv(file.path(commandArgs(TRUE)[1], "data.csv"))
start <- proc.time()
m <- suppressMessages(suppressWarnings(lmer(y ~ time + strength + age + (1 + time | who), d)))
se <- unname(sqrt(diag(as.matrix(vcov(m))))); loglik <- as.numeric(logLik(m))
spent <- proc.time() - start
cat(toJSON(list(cpu_s = sum(spent[c("user.self", "sys.self")]), coef = unname(fixef(m)), se = se, loglik = loglik),
           digits = NA, auto_unbox = TRUE))
