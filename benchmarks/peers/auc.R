# pROC's bootstrap of one area, or of the difference of two paired ones (its defaults: stratified).
# Data: y, a, b; settings: what ("area" or "difference"), resamples. Prints cpu_s, area, se.
suppressMessages({library(pROC); library(jsonlite)})
said <- commandArgs(TRUE); d <- read.csv(file.path(said[1], "data.csv")); how <- fromJSON(said[2])
curve <- function(x) roc(d$y, x, levels = 0:1, direction = "<", quiet = TRUE)
first <- curve(d$a); second <- curve(d$b)
set.seed(1)
start <- proc.time()
if (how$what == "area") {
  limits <- as.numeric(ci.auc(first, method = "bootstrap", boot.n = how$resamples, progress = "none"))
  se <- (limits[3] - limits[1]) / (2 * qnorm(0.975))
} else {
  test <- roc.test(first, second, method = "bootstrap", paired = TRUE, boot.n = how$resamples, progress = "none")
  se <- (auc(first) - auc(second)) / test$statistic[[1]]
}
spent <- proc.time() - start
area <- as.numeric(auc(first)) - if (how$what == "area") 0 else as.numeric(auc(second))
cat(toJSON(list(cpu_s = sum(spent[c("user.self", "sys.self")]), area = area, se = se), digits = NA, auto_unbox = TRUE))
