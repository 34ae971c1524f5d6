# mice on the data given: settings method ("pmm" or "norm"), m, cycles; answers the regression of
# the first column on the next three, one estimate a completed data set.
args <- commandArgs(TRUE)
suppressMessages({library(mice); library(jsonlite)})
data <- read.csv(file.path(args[1], "data.csv")); set <- fromJSON(args[2])
data[] <- lapply(data, function(x) {x[is.nan(x)] <- NA; x})
start <- proc.time()
imp <- mice(data, m = set$m, maxit = set$cycles, method = set$method, seed = 1, printFlag = FALSE)
spent <- proc.time() - start
fits <- lapply(seq_len(set$m), function(i) {
  d <- complete(imp, i); unname(coef(lm(d[[1]] ~ d[[2]] + d[[3]] + d[[4]])))})
cat(toJSON(list(cpu_s = unname(spent[1] + spent[2]), coef = do.call(rbind, fits)), digits = NA, auto_unbox = TRUE))
