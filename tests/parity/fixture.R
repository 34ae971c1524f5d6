# Writes fixture.json: one line of every kind of model, all on the one simulated cohort of data/.
# Run in tests/parity: Rscript fixture.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(sandwich)
  library(clubSandwich); library(geepack); library(MASS); library(ordinal); library(survival)
  library(pROC); library(epiR); library(psych); library(lavaan); library(sensemakr)
  library(emmeans); library(jsonlite)})
long <- read.csv("data/long.csv"); long <- long[order(long$id, long$wave), ]
base <- subset(long, wave == 0); wide <- read.csv("data/wide.csv")
tight <- glm.control(epsilon = 1e-15, maxit = 100)
fine <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-2, rhoend = 1e-12, maxfun = 1e6))
rows <- function(m) unname(lapply(seq_len(nrow(m)), function(i) unname(as.numeric(m[i, ]))))

mixed <- function(m) {
  s <- coef(summary(m)); k <- coef(summary(m, ddf = "Kenward-Roger"))
  list(coef = s[, 1], se = s[, 2], df = s[, 3], kr_se = k[, 2], kr_df = k[, 3],
       variances = as.data.frame(VarCorr(m))$vcov, deviance = as.numeric(-2 * logLik(m)))
}
long$between <- ave(long$glute, long$id); long$within <- long$glute - long$between
slope <- lmer(pain ~ glute + wave + age + female + (1 + wave | id), long, control = fine)
parts <- lmer(pain ~ within + between + wave + age + female + (1 | id), long, control = fine)

logit <- glm(lbp ~ glute + age + female + bmi + prior_lbp, binomial, base, control = tight)
ratio <- glm(lbp ~ glute + age + female + bmi + prior_lbp, poisson, base, control = tight)
plain <- lm(pain ~ glute + age + female + bmi + prior_lbp, base)
pooled <- lm(pain ~ glute + wave + age + female, long)
cr2 <- coef_test(pooled, vcov = "CR2", cluster = long$id)
gee <- function(kind) {
  g <- geeglm(lbp ~ glute + wave + age + female, id = id, data = long, family = binomial,
              corstr = kind, control = geese.control(epsilon = 1e-13, maxit = 200))
  list(coef = unname(coef(g)), se = unname(sqrt(diag(vcov(g)))), alpha = unname(g$geese$alpha))
}
counts <- glm.nb(days ~ glute + age + female, base, control = glm.control(epsilon = 1e-15, maxit = 500))
base$grade <- factor(base$grade, ordered = TRUE)
graded <- clm(grade ~ glute + age + female, data = base, control = list(gradTol = 1e-11))
incident <- read.csv("data/incident.csv")
still <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)
cox <- coxph(Surv(time, event) ~ glute + age + female + prior_lbp, incident, control = still)
cox_robust <- coxph(Surv(time, event) ~ glute + age + female + prior_lbp, incident, control = still,
                    robust = TRUE, cluster = id)
tests <- read.csv("data/selftest.csv")
hold <- roc(tests$weak, tests$hold, direction = ">", quiet = TRUE)
squeeze <- roc(tests$weak, tests$squeeze, direction = ">", quiet = TRUE)
both <- roc.test(hold, squeeze)
best <- coords(hold, "best", best.method = "youden", transpose = FALSE)
table <- table(factor(tests$pos, c(1, 0)), factor(tests$weak, c(1, 0)))
detail <- epi.tests(table)$detail
of <- function(name) unlist(detail[detail$statistic == name, c("est", "lower", "upper")], use.names = FALSE)
scores <- as.matrix(read.csv("data/raters.csv")); icc <- ICC(scores, lmer = FALSE)$results

panel <- paste(c(
  "Rg =~ 1*g1 + 1*g2 + 1*g3 + 1*g4", "Rp =~ 1*p1 + 1*p2 + 1*p3 + 1*p4",
  sprintf("wg%d =~ 1*g%d", 1:4, 1:4), sprintf("wp%d =~ 1*p%d", 1:4, 1:4),
  sprintf("wg%d ~ a*wg%d + b*wp%d", 2:4, 1:3, 1:3), sprintf("wp%d ~ c*wg%d + d*wp%d", 2:4, 1:3, 1:3),
  sprintf("wg%d ~~ wp%d", 1:4, 1:4), "Rg ~~ Rg", "Rp ~~ Rp", "Rg ~~ Rp",
  sprintf("wg%d ~~ wg%d", 1:4, 1:4), sprintf("wp%d ~~ wp%d", 1:4, 1:4)), collapse = "\n")
fiml <- function(...) lavaan(panel, wide, missing = "ML", meanstructure = TRUE, int.ov.free = TRUE,
  information = "observed", observed.information = "hessian",
  control = list(rel.tol = 1e-10, iter.max = 50000), ...)
labelled <- function(f) {p <- parameterEstimates(f); p <- p[p$label != "" & !duplicated(p$label), ]
                         setNames(Map(function(e, s) c(e, s), p$est, p$se), p$label)}
ml <- fiml(); mlr <- fiml(estimator = "MLR")
chain <- sem("tilt ~ a1*glute + age + female + bmi + prior_lbp
  lordosis ~ a2*glute + d21*tilt + age + female + bmi + prior_lbp
  pain ~ cp*glute + b1*tilt + b2*lordosis + age + female + bmi + prior_lbp
  serial := a1*d21*b2; total := cp + a1*b1 + a2*b2 + a1*d21*b2", base)
known <- sensemakr(plain, treatment = "glute", benchmark_covariates = "prior_lbp", kd = 1:3)
means <- as.data.frame(emmeans(lm(glute ~ lbp + age + female + bmi, within(base, lbp <- factor(lbp))), "lbp"))

write_json(list(
  slope = mixed(slope), parts = mixed(parts),
  logit = list(coef = unname(coef(logit)), se = unname(sqrt(diag(vcov(logit))))),
  ratio = list(coef = unname(coef(ratio)), se = lapply(c(HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3"),
               function(k) unname(sqrt(diag(vcovHC(ratio, k)))))),
  linear = list(coef = unname(coef(plain)), se = unname(sqrt(diag(vcov(plain)))),
                hc3 = unname(sqrt(diag(vcovHC(plain, "HC3"))))),
  cr2 = list(coef = cr2$beta, se = cr2$SE, df = cr2$df_Satt),
  gee = list(independence = gee("independence"), exchangeable = gee("exchangeable")),
  counts = list(coef = unname(coef(counts)), theta = counts$theta, log_likelihood = as.numeric(logLik(counts))),
  graded = list(coef = unname(graded$beta), se = unname(coef(summary(graded))[names(graded$beta), 2]),
                thresholds = unname(graded$alpha), log_likelihood = as.numeric(logLik(graded))),
  cox = list(coef = unname(coef(cox)), se = unname(sqrt(diag(vcov(cox)))),
             robust = unname(sqrt(diag(vcov(cox_robust)))), zph = rows(cox.zph(cox)$table),
             concordance = unname(summary(cox)$concordance)),
  roc = list(area = c(auc(hold), auc(squeeze)), low = c(ci.auc(hold)[1], ci.auc(squeeze)[1]),
             high = c(ci.auc(hold)[3], ci.auc(squeeze)[3]), z = unname(both$statistic), p = both$p.value,
             best = unlist(best)),
  table = list(cells = as.vector(t(table)), sensitivity = of("se"), specificity = of("sp"),
               lr_positive = of("lr.pos"), lr_negative = of("lr.neg")),
  icc = lapply(setNames(1:6, c("ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)")),
               function(i) c(icc$ICC[i], icc$`lower bound`[i], icc$`upper bound`[i])),
  limits = c(mean(scores[, 1] - scores[, 2]), sd(scores[, 1] - scores[, 2])),
  panel = list(fit = as.list(fitMeasures(ml, c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "logl", "aic", "bic"))),
               ml = labelled(ml), mlr = labelled(mlr)),
  chain = {p <- parameterEstimates(chain); p <- p[p$label != "", ]; setNames(Map(function(e, s) c(e, s), p$est, p$se), p$label)},
  robustness = list(rv = known$sensitivity_stats$rv_q, rv_alpha = known$sensitivity_stats$rv_qa,
    partial_r2 = known$sensitivity_stats$r2yd.x, adjusted = known$bounds$adjusted_estimate,
    adjusted_se = known$bounds$adjusted_se, low = known$bounds$adjusted_lower_CI, high = known$bounds$adjusted_upper_CI),
  means = list(mean = means$emmean, se = means$SE, df = means$df[1])
), "fixture.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
