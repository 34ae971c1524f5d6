# lme4's random intercept or clubSandwich's CR2 of y on x1 ...; settings: work, points, family.
# Prints cpu_s and answer: coefficients, errors, and standard deviation or degrees of freedom.
suppressMessages({library(lme4); library(clubSandwich); library(jsonlite)})
said <- commandArgs(TRUE); d <- read.csv(file.path(said[1], "data.csv")); how <- fromJSON(said[2])
columns <- grep("^x", names(d), value = TRUE)
start <- proc.time()
if (how$work == "mixed") {
  m <- glmer(reformulate(c(columns, "(1 | who)"), "y"), d, binomial, nAGQ = how$points)
  answer <- list(unname(fixef(m)), unname(sqrt(diag(as.matrix(vcov(m))))), list(getME(m, "theta")[[1]]))
} else {
  m <- if (how$family == "gaussian") lm(reformulate(columns, "y"), d) else glm(reformulate(columns, "y"), binomial, d, control = glm.control(epsilon = 1e-15))
  ct <- coef_test(m, vcov = "CR2", cluster = d$who)
  answer <- list(unname(coef(m)), ct$SE, ct$df_Satt)
}
spent <- proc.time() - start
cat(toJSON(list(cpu_s = sum(spent[c("user.self", "sys.self")]), answer = answer), digits = NA, auto_unbox = TRUE))
