rule plan:
    output:
        f"{PRODUCTS}/plans/{{analysis}}.json",
    log:
        f"logs/{study.study}/plan/{{analysis}}.log",
    params:
        text=plan_text,
    message:
        "Planning {wildcards.analysis}"
    shell:
        "gluteal plan {output} --text {params.text:q} 2> {log}"


rule fit:
    input:
        DERIVED,
        f"{PROCESSED}/derived.json",
        f"{PROCESSED}/flow.csv",
        imputed_tables,
        plan=f"{PRODUCTS}/plans/{{analysis}}.json",
    output:
        estimates=f"{PRODUCTS}/estimates/{{analysis}}.csv",
        diagnostics=f"{PRODUCTS}/diagnostics/{{analysis}}.csv",
        fit=f"{PRODUCTS}/fits/{{analysis}}.json",
    log:
        f"logs/{study.study}/fit/{{analysis}}.log",
    params:
        cohort=processed_folder,
        products=products_folder,
    message:
        "Fitting {wildcards.analysis}"
    shell:
        "gluteal fit {input.plan} {params.cohort} {params.products} 2> {log}"


rule draw:
    input:
        plan=f"{PRODUCTS}/plans/{{analysis}}.json",
        estimates=f"{PRODUCTS}/estimates/{{analysis}}.csv",
        fit=f"{PRODUCTS}/fits/{{analysis}}.json",
    output:
        [f"{PRODUCTS}/figures/{{analysis}}.{form}" for form in FIGURES],
    log:
        f"logs/{study.study}/draw/{{analysis}}.log",
    params:
        stem=figure_stem,
        code=figure_code,
    message:
        "Drawing {wildcards.analysis}"
    shell:
        "gluteal draw --plan {input.plan} --fit {input.fit} --estimates {input.estimates}"
        " --out {params.stem} 2> {log}"
