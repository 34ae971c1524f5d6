# geepack's exchangeable fit of y on x1 ...; settings: family. Prints cpu_s, coef, se.
suppressMessages({library(geepack); library(jsonlite)})
said <- commandArgs(TRUE); d <- read.csv(file.path(said[1], "data.csv")); how <- fromJSON(said[2])
f <- reformulate(grep("^x", names(d), value = TRUE), "y")
control <- geese.control(epsilon = 1e-6, maxit = 100)
start <- proc.time()
m <- geeglm(f, id = person, data = d, family = get(how$family)(), corstr = "exchangeable", control = control)
spent <- proc.time() - start
cat(toJSON(list(cpu_s = sum(spent[c("user.self", "sys.self")]), coef = unname(coef(m)),
                se = unname(sqrt(diag(m$geese$vbeta)))), digits = NA, auto_unbox = TRUE))
