# Writes impute.json and data/nhanes_imp5.csv: pooling by mice, mitml (D1, D2) and miceafter
# (correlation and area on their scales), and pooled answers of long mice runs, against which ours
# are held within Monte Carlo error. Run in tests/parity: Rscript impute.R
suppressMessages({library(mice); library(mitml); library(miceafter); library(jsonlite)})
imp <- mice(nhanes, m = 5, seed = 1, print = FALSE)
long <- complete(imp, "long")
write.csv(long, "data/nhanes_imp5.csv", row.names = FALSE, quote = FALSE)
fits <- lapply(1:5, function(i) lm(chl ~ age + bmi, long[long$.imp == i, ]))
small <- lapply(1:5, function(i) lm(chl ~ 1, long[long$.imp == i, ]))
p <- pool(as.mira(fits)); s <- summary(p, conf.int = TRUE)
table_of <- function(p, s) list(estimate = s$estimate, se = s$std.error, df = s$df, p = s$p.value,
  low = s[["2.5 %"]], high = s[["97.5 %"]], riv = p$pooled$riv, lambda = p$pooled$lambda, fmi = p$pooled$fmi)
Q <- sapply(fits, coef); U <- sapply(fits, vcov, simplify = "array")
scalar <- pool.scalar(Q[2, ], U[2, 2, ], n = 25, k = 3)
whole <- pool.scalar(Q[2, ], U[2, 2, ])
d1 <- function(...) {d <- mitml:::.D1(...); c(d$F, d$k, d$v, d$r)}
wald <- sapply(1:5, function(i) t(Q[2:3, i]) %*% solve(U[2:3, 2:3, i]) %*% Q[2:3, i])
d2 <- mitml:::.D2(wald, 2)
d3 <- D3(as.mira(fits), as.mira(small))
answers <- list(
  pool = table_of(p, s),
  scalar = list(finite = unlist(scalar[c("qbar", "t", "df", "r", "fmi")]),
                infinite = unlist(whole[c("qbar", "t", "df", "r", "fmi")])),
  d1 = list(large = d1(Q[2:3, ], U[2:3, 2:3, ], NULL), small = d1(Q[2:3, ], U[2:3, 2:3, ], 22)),
  d2 = list(d = wald, answer = c(d2$F, d2$k, d2$v, d2$r)),
  d3 = list(answer = d3$result, own = d3$deviances$dev0.M - d3$deviances$dev1.M,
            at_pooled = d3$deviances$dev0.L - d3$deviances$dev1.L))
# Correlations on Fisher's z, areas on the logit.
r <- c(.31, .36, .28, .33, .30); auc <- c(.71, .74, .73, .70, .75); se <- c(.041, .040, .043, .042, .039)
co <- pool_cor(cbind(r, rep(1 / sqrt(97), 5), 98), dfcom = 98)
ci <- pool_cindex(cbind(auc, se, 99), dfcom = 99)
answers$correlation <- as.numeric(co[1, c(1, 4, 5)]); answers$area <- as.numeric(ci[1, c(1, 3, 4)])

# Long runs of mice: 300 imputations, so that pooled numbers have little Monte Carlo error.
base <- subset(read.csv("data/long.csv"), wave == 0); n <- nrow(base); set.seed(11)
score <- cbind(0, .8 * scale(base$glute), -.6 * scale(base$age))
region <- apply(exp(score), 1, function(w) sample(0:2, 1, prob = w))
mixed <- data.frame(glute = base$glute, age = base$age, bmi = base$bmi, lbp = base$lbp,
                    grade = base$grade, region = region)
away <- function(x, on, share) {x[runif(n) < plogis(qlogis(share) + .7 * scale(on))] <- NA; x}
mixed$glute <- away(mixed$glute, base$age, .2); mixed$bmi <- away(mixed$bmi, base$age, .2)
mixed$lbp <- away(mixed$lbp, base$age, .2); mixed$grade <- away(mixed$grade, base$age, .2)
mixed$region <- away(mixed$region, base$age, .2)
write.csv(mixed, "data/impute_mixed.csv", row.names = FALSE, quote = FALSE)
as_mice <- function(d) {d$lbp <- factor(d$lbp); d$grade <- factor(d$grade, ordered = TRUE); d$region <- factor(d$region); d}
models <- list(
  numbers = function(d) lm(glute ~ age + bmi + as.numeric(as.character(lbp)), d),
  grade = function(d) lm(as.numeric(as.character(grade)) ~ age + glute, d),
  region = function(d) lm(I(region == 2) * 1 ~ age + glute, d),
  lbp = function(d) lm(as.numeric(as.character(lbp)) ~ age + glute, d))
long_run <- function(method) {
  imp <- mice(as_mice(mixed), m = 300, maxit = 8, seed = 5, print = FALSE,
              method = c(method, "", method, "logreg", "polr", "polyreg"))
  sets <- lapply(1:300, function(i) complete(imp, i))
  lapply(models, function(f) {p <- pool(as.mira(lapply(sets, f)))$pooled
    list(estimate = p$estimate, within = p$ubar, between = p$b)})}
answers$pmm <- long_run("pmm"); answers$norm <- long_run("norm")

# Which predictors mice would choose.
answers$quickpred <- unname(quickpred(mixed, mincor = .15))
write_json(answers, "impute.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
