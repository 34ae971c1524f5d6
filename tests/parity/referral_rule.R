# Writes referral_rule.json: the share who meet a rule, and an early prediction corrected for
# optimism over the resamples of data/referral_draws.csv (one row a resample: how often each
# person was drawn). Run in tests/parity: Rscript referral_rule.R
suppressMessages({library(pROC); library(jsonlite)})
long <- read.csv("data/long.csv")
at <- function(w) {d <- subset(long, wave == w, c(id, pain, glute, age)); names(d)[2:4] <- paste0(c("pain", "glute", "age"), w); d}
d <- merge(merge(at(0), at(1), all.x = TRUE), at(3), all.x = TRUE)
d <- d[order(d$id), ]
d$met <- ifelse(is.na(d$pain3), NA, as.numeric(d$pain0 - d$pain3 < .3 * d$pain0 & d$pain3 >= 4))
judged <- d$met[!is.na(d$met)]
w <- prop.test(sum(judged), length(judged), correct = FALSE)
lost <- sum(is.na(d$met))
ends <- function(x) prop.test(x, nrow(d), correct = FALSE)
none <- ends(sum(judged)); all <- ends(sum(judged) + lost)
d$change <- d$pain1 - d$pain0
c <- d[complete.cases(d[c("met", "pain0", "glute0", "age0", "change")]), ]
f <- met ~ pain0 + glute0 + age0 + change
tight <- glm.control(epsilon = 1e-14, maxit = 100)
t <- .3; odds <- t / (1 - t)
judge <- function(b, d, k) {  # in the rows of d, counted k times
  X <- model.matrix(f, d); e <- drop(X %*% b); y <- d$met; n <- sum(k)
  net <- sum(k * (e >= qlogis(t)) * (y - (1 - y) * odds)) / n
  p <- sum(k * y) / n; everyone <- p - (1 - p) * odds
  r <- rep(seq_along(y), k)
  m <- glm(y[r] ~ e[r], binomial, control = tight)
  c(net, net - max(everyone, 0), net - everyone,
    as.numeric(auc(roc(y[r], e[r], quiet = TRUE, direction = "<"))), unname(coef(m)),
    sum(k * (y - plogis(e))^2) / n)}
one <- rep(1, nrow(c)); model <- glm(f, binomial, c, control = tight)
own <- judge(coef(model), c, one)
draws <- as.matrix(read.csv("data/referral_draws.csv", header = FALSE))
found <- apply(draws, 1, function(k) {
  b <- coef(glm(f, binomial, c[rep(seq_len(nrow(c)), k), ], control = tight))
  rbind(judge(b, c, k), judge(b, c, one))}, simplify = FALSE)
there <- t(sapply(found, function(m) m[1, ])); here <- t(sapply(found, function(m) m[2, ]))
gain <- colMeans(there - here)
q <- apply(there, 2, quantile, c(.025, .975))
wilson <- function(w) list(estimate = unname(w$estimate), low = w$conf.int[1], high = w$conf.int[2])
write_json(list(
  share = lapply(list(w, none, all), wilson), n = nrow(c), events = sum(c$met),
  coef = unname(coef(model)), apparent = own, corrected = own - gain,
  low = q[1, ] - gain, high = q[2, ] - gain, se = apply(there, 2, sd)),
  "referral_rule.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
