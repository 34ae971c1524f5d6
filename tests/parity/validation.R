# Writes data/resamples.csv and validation.json: Harrell's optimism of a logistic model, resample by resample.
# Run: Rscript tests/parity/validation.R
suppressMessages({library(jsonlite); library(rms); library(pROC)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
d <- subset(read.csv(file.path(here, "data", "long.csv")), wave == 0)[1:150, ]
set.seed(31); counts <- t(replicate(12, tabulate(sample(150, replace = TRUE), 150)))
write.table(counts, file.path(here, "data", "resamples.csv"), sep = ",", row.names = FALSE, col.names = FALSE)
f <- lbp ~ glute + age + female + bmi + prior_lbp; X <- model.matrix(f, d)
tight <- glm.control(epsilon = 1e-15, maxit = 100)
judge <- function(b, rows) {
  e <- drop(X[rows, ] %*% b); y <- d$lbp[rows]  # lrm's C rounds the predictions: pROC's does not
  line <- coef(glm(y ~ e, family = binomial, control = tight))
  c(as.numeric(auc(y, e, levels = 0:1, direction = "<", quiet = TRUE)), line[[1]], line[[2]], mean((y - plogis(e))^2))}
one <- sapply(1:12, function(k) {
  rows <- rep(1:150, counts[k, ]); b <- coef(glm(f, binomial, d[rows, ], control = tight)); judge(b, rows) - judge(b, 1:150)})
own <- judge(coef(glm(f, binomial, d, control = tight)), 1:150)
set.seed(1); v <- validate(lrm(f, d, x = TRUE, y = TRUE), B = 2000)
answers <- list(optimism = t(one), apparent = own, validate = list(dxy = v["Dxy", "index.corrected"], slope = v["Slope", "index.corrected"],
  intercept = v["Intercept", "index.corrected"], brier = v["B", "index.corrected"]))
write_json(answers, file.path(here, "validation.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
