# Writes margins.json: predictions, standardised means and mean slopes by emmeans and by hand (numDeriv).
# Run in tests/parity: Rscript margins.R
suppressMessages({library(sandwich); library(emmeans); library(ordinal); library(numDeriv); library(jsonlite)})
emm_options(msg.nesting = FALSE, rg.limit = 1e6)
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0); base$female <- factor(base$female)
tight <- glm.control(epsilon = 1e-14, maxit = 100)
logit <- glm(lbp ~ glute * female + age, binomial, base, control = tight)
pois <- glm(days ~ glute * female + age, poisson, base, control = tight)
lin <- lm(pain ~ glute * female + age, base)
at <- list(glute = c(1.5, 2), female = c("0", "1"), age = 40)
grid <- function(m, V) {e <- emmeans(m, ~ glute + female, at = at, vcov. = V)
  s <- as.data.frame(summary(e, type = "response", infer = TRUE)); k <- if (inherits(m, "glm")) regrid(e) else e
  list(mean = s[[if (inherits(m, "glm")) c(binomial = "prob", poisson = "rate")[[m$family$family]] else "emmean"]],
       se = s$SE, low = s[[grep("LCL|lower", names(s))]], high = s[[grep("UCL|upper", names(s))]], cov = vcov(k))}
# By hand: any function of the coefficients.
delta <- function(m, f, V) {g <- jacobian(f, coef(m)); c(f(coef(m)), sqrt(drop(g %*% V %*% t(g))))}
X <- function(m, d) model.matrix(delete.response(terms(m)), d, xlev = m$xlevels)
mean_at <- function(m, d) {x <- X(m, d); function(b) mean(if (inherits(m, "glm")) m$family$linkinv(x %*% b) else x %*% b)}
slope <- function(m, w = rep(1, nrow(base))) {h <- 1e-5
  up <- X(m, transform(base, glute = glute + h)); down <- X(m, transform(base, glute = glute - h))
  inv <- if (inherits(m, "glm")) m$family$linkinv else identity
  function(b) weighted.mean((inv(up %*% b) - inv(down %*% b)) / (2 * h), w)}
two <- function(m) lapply(c(0, .5), function(s) mean_at(m, transform(base, glute = glute + s)))
contrast <- function(m, V) {f <- two(m)
  list(difference = delta(m, function(b) f[[2]](b) - f[[1]](b), V), log_ratio = delta(m, function(b) log(f[[2]](b) / f[[1]](b)), V))}
set <- function(v) transform(base, female = factor(v, levels = c("0", "1")))
sex <- lapply(c("0", "1"), function(v) mean_at(logit, set(v)))
odds <- delta(logit, function(b) qlogis(sex[[2]](b)) - qlogis(sex[[1]](b)), vcovHC(logit, "HC3"))
weights <- base$age
base$grade <- factor(base$grade, ordered = TRUE)
cl <- clm(grade ~ glute + age, data = base, control = list(gradTol = 1e-12))
shares <- function(d) function(b) {e <- as.matrix(d[c("glute", "age")]) %*% b[4:5]
  colMeans(t(apply(plogis(outer(-drop(e), b[1:3], "+")), 1, function(p) diff(c(0, p, 1)))))}
cats <- function(d) {f <- shares(d); b <- coef(cl); g <- jacobian(f, b); list(mean = f(b), se = sqrt(diag(g %*% vcov(cl) %*% t(g))))}
fits <- list(linear = list(lin, vcovHC(lin, "HC3")), logistic = list(logit, vcovHC(logit, "HC3")), poisson = list(pois, vcovHC(pois, "HC3")))
answers <- list(
  grid = lapply(fits, function(f) grid(f[[1]], f[[2]])), slope = lapply(fits, function(f) delta(f[[1]], slope(f[[1]]), f[[2]])),
  slope_weighted = delta(logit, slope(logit, weights), vcovHC(logit, "HC3")),
  contrast = lapply(fits, function(f) contrast(f[[1]], f[[2]])), odds = odds,
  categories = list(all = cats(base), one = cats(data.frame(glute = 2, age = 40))))
write_json(answers, "margins.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
