# Writes data/legs.csv and accuracy.json: accuracy of a test, areas under ROC curves, both also clustered.
# Run: Rscript tests/parity/accuracy.R
suppressMessages({library(jsonlite); library(pROC); library(epiR); library(sandwich)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
simple <- function(x, prevalence = NULL) {
  r <- summary(epi.tests(as.table(x), method = "exact", conf.level = 0.95))
  take <- function(name) as.numeric(r[r$statistic == name, c("est", "lower", "upper")])
  list(se = take("se"), sp = take("sp"), lr_positive = take("lr.pos"), lr_negative = take("lr.neg"), odds = take("diag.or"))
}
test <- read.csv(file.path(here, "data", "selftest.csv"))
cross <- table(factor(test$pos, 1:0), factor(test$weak, 1:0))
roc_of <- function(y, x) roc(y, x, levels = 0:1, direction = "<", quiet = TRUE)
hold <- roc_of(test$weak, -test$hold); squeeze <- roc_of(test$weak, -test$squeeze)
paired <- roc.test(hold, squeeze, method = "delong", paired = TRUE)
best <- coords(hold, "best", best.method = "youden", ret = c("threshold", "sensitivity", "specificity"))
areas <- list(hold = c(auc(hold), ci(hold)[c(1, 3)]), squeeze = c(auc(squeeze), ci(squeeze)[c(1, 3)]),
  variance = c(var(hold), var(squeeze), cov(hold, squeeze)), z = paired$statistic[[1]], p = paired$p.value,
  youden = as.numeric(best[1, ]))

# Legs in people: one or two legs each, alike within a person.
set.seed(9)
legs <- do.call(rbind, lapply(1:90, function(i) {
  k <- if (i %% 9 == 0) 1 else 2; z <- rnorm(1); leg <- z + rnorm(k, 0, 0.5)
  data.frame(person = i, weak = as.integer(leg < -0.4), score = round(-leg + rnorm(k, 0.3 * z, 1), 2))
}))
legs$pos <- as.integer(legs$score > 0.3)
write.csv(legs, file.path(here, "data", "legs.csv"), row.names = FALSE)
# Sensitivity and specificity as the regression of the test on the reference: P(pos | weak), 1 - P(pos | firm).
m <- lm(pos ~ weak, legs); V <- vcovCL(m, cluster = legs$person, type = "HC0", cadjust = TRUE)
sens <- sum(coef(m)); spec <- 1 - coef(m)[[1]]
L <- rbind(se = c(1, 1), sp = c(-1, 0)); C <- L %*% V %*% t(L); G <- length(unique(legs$person))
J <- sens + spec - 1; se_j <- sqrt(sum(C))
ratio <- function(value, g) {s <- sqrt(drop(g %*% C %*% g)); c(value, value * exp(c(-1, 1) * qnorm(.975) * s), s)}
wilson <- function(p, s) {n <- p * (1 - p) / s^2; as.numeric(c(p, prop.test(p * n, n, correct = FALSE)$conf.int))}
clustered <- list(covariance = c(C[1, 1], C[2, 2], C[1, 2]), j = c(J, J + c(-1, 1) * qt(.975, G - 1) * se_j),
  se = wilson(sens, sqrt(C[1, 1])), sp = wilson(spec, sqrt(C[2, 2])),
  lr_positive = ratio(sens / (1 - spec), c(1 / sens, 1 / (1 - spec))),
  lr_negative = ratio((1 - sens) / spec, c(-1 / (1 - sens), -1 / spec)))
odds <- function(p) p / (1 - p); back <- function(o) o / (1 + o)
clustered$ppv_20 <- back(odds(0.2) * clustered$lr_positive[1:3]); clustered$npv_20 <- back(odds(0.8) / clustered$lr_negative[c(1, 3, 2)])

# Obuchowski 1997, pair by pair: no ranks, no shared code.
x <- legs$score[legs$weak == 1]; y <- legs$score[legs$weak == 0]
ix <- legs$person[legs$weak == 1]; iy <- legs$person[legs$weak == 0]
psi <- outer(x, y, function(a, b) (a > b) + (a == b) / 2); area <- mean(psi); M <- length(x); N <- length(y)
dx <- tapply(rowMeans(psi) - area, factor(ix, 1:90), sum); dy <- tapply(colMeans(psi) - area, factor(iy, 1:90), sum)
dx[is.na(dx)] <- 0; dy[is.na(dy)] <- 0; I10 <- length(unique(ix)); I01 <- length(unique(iy)); I <- G
S10 <- I10 / ((I10 - 1) * M) * sum(dx^2); S01 <- I01 / ((I01 - 1) * N) * sum(dy^2); S11 <- I / (I - 1) * sum(dx * dy)
answers <- list(
  epir_example = simple(matrix(c(815, 208, 115, 327), 2)), selftest = simple(cross), selftest_table = as.numeric(t(cross)),
  areas = areas, clustered = clustered, clustered_area = c(area, S10 / M + S01 / N + 2 * S11 / (M * N)))
write_json(answers, file.path(here, "accuracy.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
