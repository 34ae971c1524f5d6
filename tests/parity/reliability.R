# Writes data/raters_missing.csv, data/legs_twice.csv and reliability.json: ICC, SEM and MDC, limits of agreement.
# Run: Rscript tests/parity/reliability.R
suppressMessages({library(jsonlite); library(psych); library(lme4)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
raters <- read.csv(file.path(here, "data", "raters.csv"))
shrout_fleiss <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, byrow = TRUE)
forms <- c("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)")

icc <- function(x, level = 0.95) {
  r <- ICC(x, lmer = FALSE, alpha = 1 - level)$results
  out <- lapply(1:6, function(i) as.numeric(r[i, c("ICC", "lower bound", "upper bound")]))
  setNames(out, forms)
}
# SEM from the analysis of variance, with intervals written out from their papers.
sem <- function(x, level = 0.95) {
  long <- stack(as.data.frame(x)); long$id <- factor(rep(seq_len(nrow(x)), ncol(x)))
  a <- anova(lm(values ~ id + ind, long)); ms <- a[["Mean Sq"]]; df <- a[["Df"]]
  n <- nrow(x); p <- (1 - level) / 2
  agree <- sqrt(max(ms[2] - ms[3], 0) / n + ms[3])
  part <- c(ms[2] / n, ms[3] * (1 - 1 / n)); d <- df[2:3]
  low <- sum(part) - sqrt(sum((part * (1 - d / qchisq(1 - p, d)))^2))
  high <- sum(part) + sqrt(sum((part * (d / qchisq(p, d) - 1))^2))
  list(agreement = c(agree, sqrt(low), sqrt(high)),
       consistency = sqrt(ms[3] * c(1, df[3] / qchisq(c(1 - p, p), df[3]))),
       mdc95 = qnorm(0.975) * sqrt(2) * agree, mdc90 = qnorm(0.95) * sqrt(2) * agree)
}
# Missing scores: the components by lme4, then the same formulae on expected mean squares.
set.seed(11)
holes <- as.matrix(raters); holes[sample(length(holes), 14)] <- NA
write.csv(holes, file.path(here, "data", "raters_missing.csv"), row.names = FALSE, na = "")
long <- na.omit(data.frame(value = c(holes), id = factor(rep(seq_len(nrow(holes)), 3)), rater = factor(rep(1:3, each = nrow(holes)))))
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
m <- lmer(value ~ 1 + (1 | id) + (1 | rater), long, control = tight)
v <- as.data.frame(VarCorr(m)); v <- setNames(v$vcov, v$grp)
missing <- list(id = v[["id"]], rater = v[["rater"]], error = v[["Residual"]],
  icc_agreement = v[["id"]] / sum(v), icc_consistency = v[["id"]] / (v[["id"]] + v[["Residual"]]),
  sem_agreement = sqrt(v[["rater"]] + v[["Residual"]]))
one <- lmer(value ~ 1 + (1 | id), long, control = tight); w <- as.data.frame(VarCorr(one))$vcov
missing$icc_one_way <- w[1] / sum(w)

limits <- function(a, b, level = 0.95) {
  d <- a - b; n <- length(d); s <- sd(d); z <- qnorm(0.975); t <- qt(0.5 + level / 2, n - 1)
  k <- qt(c(0.5 - level / 2, 0.5 + level / 2), n - 1, z * sqrt(n)) / sqrt(n)
  se <- s * sqrt(1 / n + z^2 / (2 * (n - 1)))
  line <- lm(d ~ I((a + b) / 2)); flat <- lm(abs(resid(line)) ~ I((a + b) / 2))
  list(bias = c(mean(d), mean(d) + c(-1, 1) * t * s / sqrt(n)), sd = s,
       lower = c(mean(d) - z * s, mean(d) - rev(k) * s), upper = c(mean(d) + z * s, mean(d) + k * s),
       upper_approximate = mean(d) + z * s + c(0, -1, 1) * t * se,
       proportional = c(coef(line)[[2]], confint(line, level = level)[2, ], summary(line)$coefficients[2, 4]),
       spread = c(coef(flat)[[2]], summary(flat)$coefficients[2, 4]))
}
# Several pairs a person: one-way analysis of variance of the differences, MOVER intervals (Zou 2013).
set.seed(12)
size <- sample(1:3, 30, replace = TRUE); who <- rep(1:30, size)
base <- rnorm(30, 1.3, 0.3)[who]; shift <- rnorm(30, 0, 0.05)[who]
twice <- data.frame(person = who, first = round(base + shift + rnorm(length(who), 0.02, 0.06), 4),
                    second = round(base + rnorm(length(who), 0, 0.06), 4))
write.csv(twice, file.path(here, "data", "legs_twice.csv"), row.names = FALSE)
repeated <- function(x) {
  d <- x$first - x$second; id <- factor(x$person); k <- nlevels(id); n <- length(d)
  within <- anova(lm(d ~ id))["Residuals", "Mean Sq"]; means <- tapply(d, id, mean); h <- k / sum(1 / table(id))
  between <- var(means); extra <- (1 - 1 / h) * within; tot <- between + extra
  l <- tot - sqrt((between * (1 - (k - 1) / qchisq(.975, k - 1)))^2 + (extra * (1 - (n - k) / qchisq(.975, n - k)))^2)
  u <- tot + sqrt((between * ((k - 1) / qchisq(.025, k - 1) - 1))^2 + (extra * ((n - k) / qchisq(.025, n - k) - 1))^2)
  z <- qnorm(.975); b <- mean(means); v <- between / k
  near <- sqrt(z^2 * v + z^2 * (sqrt(tot) - sqrt(l))^2); far <- sqrt(z^2 * v + z^2 * (sqrt(u) - sqrt(tot))^2)
  list(bias = b + c(0, -1, 1) * qt(.975, k - 1) * sqrt(v),
       lower = b - z * sqrt(tot) + c(0, -far, near), upper = b + z * sqrt(tot) + c(0, -near, far))
}
answers <- list(
  shrout_fleiss = icc(shrout_fleiss), raters = icc(raters), raters_90 = icc(raters, 0.90),
  shrout_fleiss_sem = sem(shrout_fleiss), raters_sem = sem(raters), missing = missing,
  limits = limits(raters$r1, raters$r2), limits_90 = limits(raters$r2, raters$r3, 0.90), repeated = repeated(twice))
write_json(answers, file.path(here, "reliability.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
