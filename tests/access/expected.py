"""Which door opens to whom: every route and verb of the application, written by hand and compared with what happens.

One line per route: verb, rule, and who may come in. `everybody` needs no sign-in; `signed_in` is any person, also one
who acts for nobody yet; else the roles, or one of the groups below. Coming in is the first half: which objects a
person then finds is tried in the walk. A new route fails the suite until it has its line here.
"""

from __future__ import annotations

ROLES = ("enterprise", "provider", "pilot", "city", "finance", "expert", "province", "auditor", "admin")
GROUPS = {
    "everybody": ("visitor", "newcomer", *ROLES),
    "signed_in": ("newcomer", *ROLES),
    "roles": ROLES,
    "firms": ("enterprise", "provider"),
    "officers": ("pilot", "city"),
    "uploaders": tuple(role for role in ROLES if role != "auditor"),
    "overseers": ("pilot", "city", "finance", "province", "auditor"),
}

TABLE = """
# frame
GET    /                                                                        everybody
GET    /.well-known/voucher-keys.json                                           everybody
GET    /api/docs                                                                everybody
GET    /api/v1/openapi.json                                                     everybody
GET    /assets/lib/<name>                                                       everybody
GET    /assets/own/<path:name>                                                  everybody
GET    /healthz                                                                 everybody
POST   /language                                                                everybody
GET    /metrics                                                                 admin
GET    /readyz                                                                  everybody
GET    /parts/uscc                                                              everybody
GET    /parts/words                                                             everybody
GET    /search                                                                  everybody
GET    /styleguide                                                              everybody
GET    /styleguide/faulty                                                       everybody
# record
GET    /audit                                                                   auditor
GET    /audit/looks                                                             auditor
GET    /checkpoints                                                             everybody
GET    /checkpoints/<day>.json                                                  everybody
POST   /api/v1/documents                                                        uploaders
GET    /api/v1/documents/<uuid:document_id>                                     everybody
GET    /api/v1/documents/<uuid:document_id>/content                             everybody
GET    /documents/<uuid:document_id>                                            everybody
GET    /jobs                                                                    auditor admin
GET    /jobs/<name>                                                             auditor admin
POST   /jobs/<name>/run                                                         admin
GET    /notices                                                                 signed_in
POST   /notices/<uuid:notice_id>/read                                           signed_in
POST   /notices/read                                                            signed_in
GET    /outbox                                                                  auditor admin
POST   /outbox/<int:outbox_id>/retry                                            admin
# regions
GET    /api/v1/regions                                                          everybody
POST   /api/v1/regions/classes                                                  province
POST   /api/v1/regions/zones                                                    province
GET    /regions                                                                 everybody
GET    /regions/classes                                                         province
POST   /regions/classes                                                         province
GET    /regions/options                                                         everybody
GET    /regions/zones/new                                                       province
POST   /regions/zones/new                                                       province
# organisations
POST   /api/v1/bank-accounts/<uuid:account_id>/confirmation                     firms officers finance
POST   /api/v1/bank-accounts/<uuid:account_id>/refusal                          firms officers finance
POST   /api/v1/bank-accounts/<uuid:account_id>/stop                             firms officers finance
POST   /api/v1/organisation-facts/<uuid:fact_id>/decision                       officers
GET    /api/v1/organisations                                                    firms overseers admin
POST   /api/v1/organisations                                                    firms officers expert province admin
GET    /api/v1/organisations/<uuid:organisation_id>                             firms overseers admin
GET    /api/v1/organisations/<uuid:organisation_id>/bank-accounts               firms overseers
POST   /api/v1/organisations/<uuid:organisation_id>/bank-accounts               firms
POST   /api/v1/organisations/<uuid:organisation_id>/confirmation                officers
GET    /api/v1/organisations/<uuid:organisation_id>/facts                       firms overseers admin
POST   /api/v1/organisations/<uuid:organisation_id>/facts                       firms
POST   /api/v1/organisations/<uuid:organisation_id>/papers                      firms
POST   /api/v1/organisations/<uuid:organisation_id>/resubmission                firms
GET    /api/v1/organisations/<uuid:organisation_id>/shareholders                firms overseers admin
PUT    /api/v1/organisations/<uuid:organisation_id>/shareholders                firms
GET    /api/v1/ownership-cases                                                  officers province auditor
POST   /api/v1/ownership-cases/<uuid:case_id>/decision                          officers
POST   /api/v1/uscc-admissions                                                  officers
GET    /organisations                                                           firms overseers admin
GET    /organisations/<uuid:organisation_id>                                    firms overseers admin
GET    /organisations/<uuid:organisation_id>/accounts                           firms overseers
GET    /organisations/<uuid:organisation_id>/accounts/new                       firms
POST   /organisations/<uuid:organisation_id>/accounts/new                       firms
GET    /organisations/<uuid:organisation_id>/change                             firms
POST   /organisations/<uuid:organisation_id>/change                             firms
POST   /organisations/<uuid:organisation_id>/confirm                            officers
GET    /organisations/<uuid:organisation_id>/papers                             firms
POST   /organisations/<uuid:organisation_id>/papers                             firms
GET    /organisations/<uuid:organisation_id>/reject                             officers
POST   /organisations/<uuid:organisation_id>/reject                             officers
POST   /organisations/<uuid:organisation_id>/resubmit                           firms
GET    /organisations/<uuid:organisation_id>/shareholders                       firms
POST   /organisations/<uuid:organisation_id>/shareholders                       firms
GET    /organisations/accounts                                                  firms officers finance
POST   /organisations/accounts/<uuid:account_id>/confirm                        firms officers finance
GET    /organisations/accounts/<uuid:account_id>/refuse                         firms officers finance
POST   /organisations/accounts/<uuid:account_id>/refuse                         firms officers finance
GET    /organisations/accounts/<uuid:account_id>/stop                           firms officers finance
POST   /organisations/accounts/<uuid:account_id>/stop                           firms officers finance
GET    /organisations/cases                                                     officers province auditor
GET    /organisations/cases/<uuid:case_id>                                      signed_in
GET    /organisations/cases/<uuid:case_id>/decide                               officers
POST   /organisations/cases/<uuid:case_id>/decide                               officers
GET    /organisations/changes                                                   officers
GET    /organisations/codes/admit                                               officers
POST   /organisations/codes/admit                                               officers
POST   /organisations/facts/<uuid:fact_id>/accept                               officers
POST   /organisations/facts/<uuid:fact_id>/refuse                               officers
GET    /organisations/mine                                                      signed_in
GET    /organisations/register                                                  newcomer firms officers expert province admin
POST   /organisations/register                                                  newcomer firms officers expert province admin
# accounts
GET    /account                                                                 signed_in
POST   /account/assignments/<uuid:assignment_id>/leave                          signed_in
POST   /account/assignments/<uuid:assignment_id>/revoke                         firms city admin
POST   /account/invitations/<uuid:invitation_id>/withdraw                       firms city admin
GET    /account/join/<secret>                                                   signed_in
POST   /account/join/<secret>                                                   signed_in
GET    /account/password                                                        signed_in
POST   /account/password                                                        signed_in
GET    /account/people                                                          firms city auditor admin
POST   /account/people/<uuid:person_id>/block                                   admin
POST   /account/people/<uuid:person_id>/unblock                                 admin
GET    /account/people/invite                                                   firms city admin
POST   /account/people/invite                                                   firms city admin
GET    /account/profile                                                         signed_in
POST   /account/profile                                                         signed_in
POST   /account/sessions/<uuid:session_id>/end                                  signed_in
GET    /account/forgotten                                                       everybody
POST   /account/forgotten                                                       everybody
GET    /account/reset/<uuid:reset_id>/<secret>                                  everybody
POST   /account/reset/<uuid:reset_id>/<secret>                                  everybody
GET    /account/sign-in                                                         everybody
POST   /account/sign-in                                                         everybody
POST   /account/sign-out                                                        everybody
GET    /account/sign-up                                                         everybody
POST   /account/sign-up                                                         everybody
POST   /account/stay                                                            signed_in
GET    /account/substitutes                                                     signed_in
POST   /account/substitutes                                                     signed_in
POST   /account/substitutes/<uuid:assignment_id>/end                            signed_in
POST   /account/switch                                                          signed_in
GET    /account/tokens                                                          signed_in
POST   /account/tokens                                                          signed_in
POST   /account/tokens/<uuid:token_id>/revoke                                   signed_in
GET    /api/v1/me                                                              roles
# webhooks
GET    /api/v1/webhooks                                                         firms
POST   /api/v1/webhooks                                                         firms
GET    /api/v1/webhooks/<uuid:webhook_id>                                       firms
PUT    /api/v1/webhooks/<uuid:webhook_id>                                       firms
DELETE /api/v1/webhooks/<uuid:webhook_id>                                       firms
GET    /api/v1/webhooks/<uuid:webhook_id>/deliveries                            firms
GET    /api/v1/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>         firms
POST   /api/v1/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay  firms
POST   /api/v1/webhooks/<uuid:webhook_id>/pause                                 firms
POST   /api/v1/webhooks/<uuid:webhook_id>/resume                                firms
POST   /api/v1/webhooks/<uuid:webhook_id>/secret                                firms
POST   /api/v1/webhooks/<uuid:webhook_id>/test                                  firms
GET    /api/v1/webhooks/topics                                                  everybody
GET    /webhooks                                                                firms
GET    /webhooks/<uuid:webhook_id>                                              firms
GET    /webhooks/<uuid:webhook_id>/change                                       firms
POST   /webhooks/<uuid:webhook_id>/change                                       firms
GET    /webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>                firms
POST   /webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay         firms
POST   /webhooks/<uuid:webhook_id>/pause                                        firms
POST   /webhooks/<uuid:webhook_id>/remove                                       firms
POST   /webhooks/<uuid:webhook_id>/resume                                       firms
POST   /webhooks/<uuid:webhook_id>/secret                                       firms
POST   /webhooks/<uuid:webhook_id>/test                                         firms
GET    /webhooks/new                                                            firms
POST   /webhooks/new                                                            firms
# policy
GET    /api/v1/findings                                                         overseers
GET    /api/v1/findings/<uuid:finding_id>                                       overseers
POST   /api/v1/findings/<uuid:finding_id>/decision                              officers finance province
GET    /api/v1/rule-books                                                       everybody
POST   /api/v1/rule-books                                                       province
GET    /api/v1/rule-books/<uuid:edition_id>                                     everybody
GET    /api/v1/sanctions                                                        everybody
POST   /api/v1/sanctions                                                        province
POST   /api/v1/sanctions/<uuid:ban_id>/lifting                                  province
POST   /api/v1/spending-checks                                                  everybody
GET    /check                                                                   everybody
GET    /check/<code>                                                            everybody
POST   /check/<code>                                                            everybody
GET    /check/<code>/example                                                    everybody
GET    /check/<code>/example/sheet                                              everybody
GET    /check/<code>/template                                                   everybody
GET    /findings                                                                overseers
GET    /findings/<uuid:finding_id>                                              overseers
GET    /findings/rules                                                          overseers
GET    /api/v1/findings/rules                                                   overseers
POST   /findings/<uuid:finding_id>                                              officers finance province
GET    /policy                                                                  everybody
GET    /policy/<uuid:edition_id>                                                everybody
GET    /policy/<uuid:edition_id>/text                                           everybody
GET    /policy/publish                                                          province
POST   /policy/publish                                                          province
GET    /sanctions                                                               everybody
GET    /sanctions/<uuid:ban_id>/lift                                            province
POST   /sanctions/<uuid:ban_id>/lift                                            province
GET    /sanctions/impose                                                        province
POST   /sanctions/impose                                                        province
# procedure
GET    /api/v1/panels                                                           city expert province auditor
GET    /api/v1/panels/<uuid:panel_id>                                           city expert province auditor
POST   /api/v1/panels/<uuid:panel_id>/closing                                   city province
POST   /api/v1/panels/<uuid:panel_id>/declaration                               expert
GET    /api/v1/panels/<uuid:panel_id>/results                                   city expert province auditor
PUT    /api/v1/panels/<uuid:panel_id>/scores/<uuid:candidate_id>                expert
POST   /api/v1/panels/<uuid:panel_id>/seats/<uuid:seat_id>/excuse               city province
GET    /api/v1/panels/experts                                                   city province auditor
POST   /api/v1/panels/experts                                                   city province
GET    /api/v1/panels/experts/<uuid:expert_id>                                  city province auditor
GET    /api/v1/publicity                                                        everybody
GET    /api/v1/publicity/<uuid:notice_id>                                       everybody
POST   /api/v1/publicity/<uuid:notice_id>/clearing                              city province
POST   /api/v1/publicity/<uuid:notice_id>/objections                            everybody
GET    /api/v1/publicity/<uuid:notice_id>/objections                            city province auditor
POST   /api/v1/publicity/<uuid:notice_id>/withdrawal                            city province
POST   /api/v1/publicity/objections/<uuid:objection_id>/objector                city province auditor
POST   /api/v1/publicity/objections/<uuid:objection_id>/ruling                  city province
GET    /api/v1/publicity/receipts/<receipt>                                     everybody
GET    /panels                                                                  city expert province auditor
GET    /panels/<uuid:panel_id>                                                  city expert province auditor
GET    /panels/<uuid:panel_id>/candidates/<uuid:candidate_id>                   expert
POST   /panels/<uuid:panel_id>/candidates/<uuid:candidate_id>                   expert
POST   /panels/<uuid:panel_id>/closing                                          city province
POST   /panels/<uuid:panel_id>/declaration                                      expert
GET    /panels/<uuid:panel_id>/seats/<uuid:seat_id>/excuse                      city province
POST   /panels/<uuid:panel_id>/seats/<uuid:seat_id>/excuse                      city province
POST   /panels/<uuid:panel_id>/substitutes                                      city province
GET    /panels/experts                                                          city province auditor
GET    /panels/experts/<uuid:expert_id>                                         city province auditor
POST   /panels/experts/<uuid:expert_id>                                         city province
POST   /panels/experts/<uuid:expert_id>/active                                  city province
GET    /panels/experts/new                                                      city province
POST   /panels/experts/new                                                      city province
GET    /publicity                                                               everybody
GET    /publicity/<uuid:notice_id>                                              everybody
POST   /publicity/<uuid:notice_id>/clearing                                     city province
GET    /publicity/<uuid:notice_id>/objections/new                               everybody
POST   /publicity/<uuid:notice_id>/objections/new                               everybody
GET    /publicity/<uuid:notice_id>/withdrawal                                   city province
POST   /publicity/<uuid:notice_id>/withdrawal                                   city province
GET    /publicity/objections/<uuid:objection_id>                                city province auditor
POST   /publicity/objections/<uuid:objection_id>                                city province
POST   /publicity/objections/<uuid:objection_id>/objector                       city province auditor
GET    /publicity/receipts                                                      everybody
GET    /publicity/receipts/<receipt>                                            everybody
# pilots
GET    /api/v1/levels                                                           enterprise overseers
POST   /api/v1/levels                                                           officers
GET    /api/v1/levels/<uuid:record_id>                                          enterprise overseers
GET    /api/v1/members                                                          enterprise overseers
POST   /api/v1/members                                                          pilot
GET    /api/v1/members/<uuid:member_id>                                         enterprise overseers
POST   /api/v1/members/<uuid:member_id>/confirmation                            city
POST   /api/v1/members/<uuid:member_id>/withdrawal                              officers
POST   /api/v1/members/sheets/<uuid:pilot_id>                                   pilot
GET    /api/v1/pilots                                                           everybody
POST   /api/v1/pilots                                                           city
GET    /api/v1/pilots/<uuid:pilot_id>                                           everybody
POST   /api/v1/pilots/<uuid:pilot_id>/allotments                                finance
GET    /api/v1/pilots/<uuid:pilot_id>/application                               overseers
POST   /api/v1/pilots/<uuid:pilot_id>/approval                                  province
GET    /api/v1/pilots/<uuid:pilot_id>/changes                                   overseers
POST   /api/v1/pilots/<uuid:pilot_id>/changes                                   officers
POST   /api/v1/pilots/<uuid:pilot_id>/closing                                   province
POST   /api/v1/pilots/<uuid:pilot_id>/evaluation                                province
GET    /api/v1/pilots/<uuid:pilot_id>/funds                                     overseers
POST   /api/v1/pilots/<uuid:pilot_id>/rejection                                 province
POST   /api/v1/pilots/<uuid:pilot_id>/resumption                                province
POST   /api/v1/pilots/<uuid:pilot_id>/review                                    province
POST   /api/v1/pilots/<uuid:pilot_id>/suspension                                province
GET    /api/v1/pilots/<uuid:pilot_id>/tranches                                  overseers
POST   /api/v1/pilots/<uuid:pilot_id>/tranches                                  province
POST   /api/v1/pilots/<uuid:pilot_id>/withdrawal                                city
POST   /api/v1/pilots/changes/<uuid:change_id>/decision                         province
POST   /api/v1/pilots/tranches/<uuid:tranche_id>/receipt                        finance
POST   /api/v1/pilots/tranches/<uuid:tranche_id>/refusal                        province
POST   /api/v1/pilots/tranches/<uuid:tranche_id>/release                        province
GET    /api/v1/programmes                                                       everybody
POST   /api/v1/programmes                                                       province
GET    /api/v1/programmes/<uuid:programme_id>                                   everybody
GET    /api/v1/programmes/<uuid:programme_id>/batches                           everybody
POST   /api/v1/programmes/<uuid:programme_id>/batches                           province
POST   /api/v1/programmes/batches/<uuid:batch_id>/shortlist                     province
GET    /levels                                                                  enterprise overseers
GET    /levels/of/<uuid:enterprise_id>                                          enterprise overseers
GET    /levels/record/<uuid:member_id>                                          officers
POST   /levels/record/<uuid:member_id>                                          officers
GET    /members                                                                 enterprise overseers
GET    /members/<uuid:member_id>                                                enterprise overseers
POST   /members/<uuid:member_id>/confirmation                                   city
GET    /members/<uuid:member_id>/withdrawal                                     officers
POST   /members/<uuid:member_id>/withdrawal                                     officers
GET    /members/of/<uuid:pilot_id>                                              enterprise overseers
GET    /members/of/<uuid:pilot_id>/nominate                                     pilot
POST   /members/of/<uuid:pilot_id>/nominate                                     pilot
GET    /members/of/<uuid:pilot_id>/sheet                                        pilot
POST   /members/of/<uuid:pilot_id>/sheet                                        pilot
GET    /pilots                                                                  everybody
GET    /pilots/<uuid:pilot_id>                                                  everybody
GET    /pilots/<uuid:pilot_id>/approval                                         province
POST   /pilots/<uuid:pilot_id>/approval                                         province
GET    /pilots/<uuid:pilot_id>/changes/request                                  officers
POST   /pilots/<uuid:pilot_id>/changes/request                                  officers
GET    /pilots/<uuid:pilot_id>/closing                                          province
POST   /pilots/<uuid:pilot_id>/closing                                          province
GET    /pilots/<uuid:pilot_id>/evaluation                                       province
POST   /pilots/<uuid:pilot_id>/evaluation                                       province
GET    /pilots/<uuid:pilot_id>/rejection                                        province
POST   /pilots/<uuid:pilot_id>/rejection                                        province
GET    /pilots/<uuid:pilot_id>/resumption                                       province
POST   /pilots/<uuid:pilot_id>/resumption                                       province
GET    /pilots/<uuid:pilot_id>/review                                           province
POST   /pilots/<uuid:pilot_id>/review                                           province
GET    /pilots/<uuid:pilot_id>/suspension                                       province
POST   /pilots/<uuid:pilot_id>/suspension                                       province
GET    /pilots/<uuid:pilot_id>/tranches/propose                                 province
POST   /pilots/<uuid:pilot_id>/tranches/propose                                 province
GET    /pilots/<uuid:pilot_id>/withdrawal                                       city
POST   /pilots/<uuid:pilot_id>/withdrawal                                       city
GET    /pilots/changes/<uuid:change_id>                                         province
POST   /pilots/changes/<uuid:change_id>                                         province
GET    /pilots/nominate/<uuid:batch_id>                                         city
POST   /pilots/nominate/<uuid:batch_id>                                         city
GET    /pilots/tranches/<uuid:tranche_id>/receipt                               finance
POST   /pilots/tranches/<uuid:tranche_id>/receipt                               finance
GET    /pilots/tranches/<uuid:tranche_id>/refusal                               province
POST   /pilots/tranches/<uuid:tranche_id>/refusal                               province
GET    /pilots/tranches/<uuid:tranche_id>/release                               province
POST   /pilots/tranches/<uuid:tranche_id>/release                               province
GET    /programmes                                                              everybody
GET    /programmes/<uuid:programme_id>                                          everybody
GET    /programmes/<uuid:programme_id>/batches/open                             province
POST   /programmes/<uuid:programme_id>/batches/open                             province
POST   /programmes/batches/<uuid:batch_id>/shortlist                            province
GET    /programmes/open                                                         province
POST   /programmes/open                                                         province
# shop
GET    /acceptances                                                             firms overseers
GET    /acceptances/<uuid:acceptance_id>                                        firms overseers
GET    /acceptances/orders/<uuid:order_id>                                      city
POST   /acceptances/orders/<uuid:order_id>                                      city
GET    /acceptances/waiting                                                     city
GET    /api/v1/acceptances                                                      firms overseers
POST   /api/v1/acceptances                                                      city
GET    /api/v1/acceptances/<uuid:acceptance_id>                                 firms overseers
GET    /api/v1/listings                                                         provider city province auditor
POST   /api/v1/listings                                                         provider
GET    /api/v1/listings/<uuid:listing_id>                                       provider city province auditor
POST   /api/v1/listings/<uuid:listing_id>/review                                city
POST   /api/v1/listings/<uuid:listing_id>/withdrawal                            provider city
GET    /api/v1/orders                                                           firms overseers
POST   /api/v1/orders                                                           enterprise
GET    /api/v1/orders/<uuid:order_id>                                           firms overseers
POST   /api/v1/orders/<uuid:order_id>/accept                                    provider
POST   /api/v1/orders/<uuid:order_id>/cancellation                              enterprise
POST   /api/v1/orders/<uuid:order_id>/confirmation                              enterprise
POST   /api/v1/orders/<uuid:order_id>/contract                                  provider
POST   /api/v1/orders/<uuid:order_id>/decline                                   provider
POST   /api/v1/orders/<uuid:order_id>/delivery                                  provider
POST   /api/v1/orders/<uuid:order_id>/delivery-rejection                        enterprise
POST   /api/v1/orders/<uuid:order_id>/dispute                                   enterprise
POST   /api/v1/orders/<uuid:order_id>/replacement                               enterprise
POST   /api/v1/orders/<uuid:order_id>/ruling                                    city
GET    /api/v1/product-drafts                                                   provider
POST   /api/v1/product-drafts                                                   provider
GET    /api/v1/product-drafts/<uuid:product_id>                                 provider
PUT    /api/v1/product-drafts/<uuid:product_id>                                 provider
POST   /api/v1/product-drafts/<uuid:product_id>/editions                        provider
GET    /api/v1/products                                                         everybody
GET    /api/v1/products/<uuid:listing_id>                                       everybody
GET    /api/v1/roster                                                           everybody
GET    /api/v1/roster/<uuid:entry_id>                                           everybody
GET    /api/v1/roster/certificates/<number>                                     everybody
GET    /catalogue                                                               everybody
GET    /catalogue/<uuid:listing_id>                                             everybody
GET    /listings                                                                provider city province auditor
GET    /listings/<uuid:listing_id>                                              provider city province auditor
POST   /listings/<uuid:listing_id>                                              city
GET    /listings/<uuid:listing_id>/withdraw                                     provider city
POST   /listings/<uuid:listing_id>/withdraw                                     provider city
GET    /orders                                                                  firms overseers
GET    /orders/<uuid:order_id>                                                  firms overseers
POST   /orders/<uuid:order_id>/accept                                           provider
POST   /orders/<uuid:order_id>/confirm                                          enterprise
GET    /orders/<uuid:order_id>/contract                                         provider
POST   /orders/<uuid:order_id>/contract                                         provider
GET    /orders/<uuid:order_id>/deliver                                          provider
POST   /orders/<uuid:order_id>/deliver                                          provider
GET    /orders/<uuid:order_id>/replace                                          enterprise
POST   /orders/<uuid:order_id>/replace                                          enterprise
GET    /orders/<uuid:order_id>/rule                                             city
POST   /orders/<uuid:order_id>/rule                                             city
GET    /orders/<uuid:order_id>/why/<verb>                                       firms
POST   /orders/<uuid:order_id>/why/<verb>                                       firms
GET    /orders/new/<uuid:listing_id>                                            enterprise
POST   /orders/new/<uuid:listing_id>                                            enterprise
GET    /products                                                                provider
GET    /products/<uuid:product_id>                                              provider
POST   /products/<uuid:product_id>                                              provider
GET    /products/<uuid:product_id>/edit                                         provider
POST   /products/<uuid:product_id>/edit                                         provider
POST   /products/<uuid:product_id>/publish                                      provider
GET    /products/new                                                            provider
POST   /products/new                                                            provider
GET    /roster                                                                  everybody
GET    /roster/certificates                                                     everybody
GET    /roster/certificates/<number>                                            everybody
# providers
GET    /api/v1/applications                                                     provider city expert province auditor
POST   /api/v1/applications                                                     provider
GET    /api/v1/applications/<uuid:application_id>                               provider city expert province auditor
PUT    /api/v1/applications/<uuid:application_id>                               provider
GET    /api/v1/applications/<uuid:application_id>/outcomes                      provider city expert province auditor
POST   /api/v1/applications/<uuid:application_id>/submission                    provider
POST   /api/v1/applications/<uuid:application_id>/supplement                    provider
POST   /api/v1/applications/<uuid:application_id>/withdrawal                    provider
GET    /api/v1/applications/dossier                                             provider
PUT    /api/v1/applications/dossier                                             provider
POST   /api/v1/applications/dossier/cases                                       provider
DELETE /api/v1/applications/dossier/cases/<uuid:case_id>                        provider
POST   /api/v1/applications/dossier/proofs                                      provider
DELETE /api/v1/applications/dossier/proofs/<uuid:proof_id>                      provider
GET    /api/v1/calls                                                            everybody
POST   /api/v1/calls                                                            city
GET    /api/v1/calls/<uuid:call_id>                                             everybody
PUT    /api/v1/calls/<uuid:call_id>                                             city
POST   /api/v1/calls/<uuid:call_id>/cancellation                                city
POST   /api/v1/calls/<uuid:call_id>/closing                                     city
POST   /api/v1/calls/<uuid:call_id>/publication                                 city
POST   /api/v1/review/applications/<uuid:application_id>/conclusion             city
GET    /api/v1/review/applications/<uuid:application_id>/conditions             provider city expert province auditor
PUT    /api/v1/review/applications/<uuid:application_id>/conditions/<code>      city
POST   /api/v1/review/applications/<uuid:application_id>/exclusion              city
POST   /api/v1/review/applications/<uuid:application_id>/supplement-request     city
POST   /api/v1/review/calls/<uuid:call_id>/decision                             city
POST   /api/v1/review/calls/<uuid:call_id>/opening                              city
POST   /api/v1/review/calls/<uuid:call_id>/panel                                city
POST   /api/v1/review/calls/<uuid:call_id>/proposal                             city
GET    /api/v1/review/calls/<uuid:call_id>/ranking                              city province auditor
GET    /api/v1/standing/<uuid:entry_id>/measures                                provider city province auditor
POST   /api/v1/standing/<uuid:entry_id>/measures                                city
GET    /applications                                                            provider city expert province auditor
GET    /applications/<uuid:application_id>                                      provider city expert province auditor
GET    /applications/<uuid:application_id>/documents/<uuid:document_id>         provider city expert province auditor
GET    /applications/<uuid:application_id>/edit                                 provider
POST   /applications/<uuid:application_id>/edit                                 provider
POST   /applications/<uuid:application_id>/submission                           provider
POST   /applications/<uuid:application_id>/withdrawal                           provider
GET    /applications/dossier                                                    provider
POST   /applications/dossier                                                    provider
POST   /applications/dossier/cases/<uuid:case_id>/removal                       provider
GET    /applications/dossier/cases/new                                          provider
POST   /applications/dossier/cases/new                                          provider
POST   /applications/dossier/proofs/<uuid:proof_id>/removal                     provider
GET    /applications/dossier/proofs/new                                         provider
POST   /applications/dossier/proofs/new                                         provider
GET    /applications/new/<uuid:call_id>                                         provider
POST   /applications/new/<uuid:call_id>                                         provider
GET    /calls                                                                   everybody
GET    /calls/<uuid:call_id>                                                    everybody
GET    /calls/<uuid:call_id>/cancellation                                       city
POST   /calls/<uuid:call_id>/cancellation                                       city
POST   /calls/<uuid:call_id>/closing                                            city
GET    /calls/<uuid:call_id>/edit                                               city
POST   /calls/<uuid:call_id>/edit                                               city
POST   /calls/<uuid:call_id>/publication                                        city
GET    /calls/new                                                               city
POST   /calls/new                                                               city
POST   /review/applications/<uuid:application_id>/conclusion                    city
GET    /review/applications/<uuid:application_id>/conditions/<code>             city
POST   /review/applications/<uuid:application_id>/conditions/<code>             city
GET    /review/applications/<uuid:application_id>/exclusion                     city
POST   /review/applications/<uuid:application_id>/exclusion                     city
GET    /review/applications/<uuid:application_id>/supplement                    city
POST   /review/applications/<uuid:application_id>/supplement                    city
GET    /review/calls/<uuid:call_id>                                             city province auditor
POST   /review/calls/<uuid:call_id>/decision                                    city
POST   /review/calls/<uuid:call_id>/opening                                     city
POST   /review/calls/<uuid:call_id>/panel                                       city
POST   /review/calls/<uuid:call_id>/proposal                                    city
GET    /standing                                                                provider city province auditor
GET    /standing/<uuid:entry_id>                                                provider city province auditor
POST   /standing/<uuid:entry_id>                                                city
# vouchers
GET    /api/v1/pilots/<uuid:pilot_id>/what-if                                   overseers
GET    /api/v1/pilots/<uuid:pilot_id>/what-if/batches/<uuid:batch_id>           overseers
GET    /api/v1/reports/bookings                                                 overseers
GET    /api/v1/reports/entries                                                  overseers
GET    /api/v1/reports/overview                                                 overseers
GET    /api/v1/reports/settlement/<uuid:pilot_id>                               overseers
GET    /api/v1/reports/signed                                                   overseers
GET    /api/v1/reports/signed/<uuid:signed_id>                                  overseers
GET    /api/v1/schemes                                                          everybody
POST   /api/v1/schemes                                                          pilot
GET    /api/v1/schemes/<uuid:scheme_id>                                         everybody
POST   /api/v1/schemes/<uuid:scheme_id>/versions                                pilot
GET    /api/v1/schemes/<uuid:scheme_id>/versions/<uuid:version_id>              everybody
PUT    /api/v1/schemes/<uuid:scheme_id>/versions/<uuid:version_id>              pilot
POST   /api/v1/schemes/<uuid:scheme_id>/versions/<uuid:version_id>/close        pilot
POST   /api/v1/schemes/<uuid:scheme_id>/versions/<uuid:version_id>/publish      pilot
GET    /api/v1/spending                                                         everybody
GET    /api/v1/spending/<uuid:pilot_id>                                         everybody
GET    /api/v1/vouchers                                                         enterprise overseers
POST   /api/v1/vouchers                                                         pilot
GET    /api/v1/vouchers/<uuid:voucher_id>                                       enterprise overseers
POST   /api/v1/vouchers/<uuid:voucher_id>/freeze                                officers
GET    /api/v1/vouchers/<uuid:voucher_id>/qr                                    enterprise overseers
POST   /api/v1/vouchers/<uuid:voucher_id>/returns                               enterprise
POST   /api/v1/vouchers/<uuid:voucher_id>/recalls                               officers
POST   /api/v1/vouchers/<uuid:voucher_id>/thaw                                  officers
POST   /api/v1/vouchers/automatic/<uuid:version_id>                             pilot
POST   /api/v1/vouchers/sheets/<uuid:version_id>                                pilot
POST   /api/v1/vouchers/verification                                            everybody
GET    /funds                                                                   overseers
GET    /funds/<uuid:pilot_id>                                                   overseers
POST   /funds/<uuid:pilot_id>                                                   finance
GET    /funds/<uuid:pilot_id>/what-if                                           overseers
GET    /reports/bookings                                                        overseers
GET    /reports/entries                                                         overseers
GET    /reports/overview                                                        overseers
GET    /reports/overview.pdf                                                    overseers
GET    /reports/overview.xlsx                                                   overseers
GET    /reports/settlement                                                      overseers
GET    /reports/settlement/<uuid:pilot_id>                                      overseers
GET    /reports/settlement/<uuid:pilot_id>.xlsx                                 overseers
GET    /reports/settlement/<uuid:pilot_id>.pdf                                  overseers
GET    /reports/settlement/<uuid:pilot_id>/pilot.toml                           overseers
GET    /reports/settlement/<uuid:pilot_id>/rows.csv                             overseers
GET    /reports/settlement/<uuid:pilot_id>/sign                                 pilot finance
POST   /reports/settlement/<uuid:pilot_id>/sign                                 pilot finance
GET    /reports/signed                                                          overseers
GET    /reports/signed/<uuid:signed_id>                                         overseers
GET    /reports/signed/<uuid:signed_id>.json                                    overseers
GET    /reports/signed/<uuid:signed_id>.pdf                                     overseers
GET    /schemes                                                                 everybody
GET    /schemes/<uuid:scheme_id>                                                everybody
GET    /schemes/<uuid:scheme_id>/terms                                          pilot
POST   /schemes/<uuid:scheme_id>/terms                                          pilot
POST   /schemes/<uuid:scheme_id>/versions/<uuid:version_id>/close               pilot
POST   /schemes/<uuid:scheme_id>/versions/<uuid:version_id>/publish             pilot
GET    /schemes/new                                                             pilot
POST   /schemes/new                                                             pilot
GET    /spending                                                                everybody
GET    /spending/<uuid:pilot_id>                                                everybody
GET    /vouchers                                                                enterprise overseers
GET    /vouchers/<uuid:voucher_id>                                              enterprise overseers
POST   /vouchers/<uuid:voucher_id>/freeze                                       officers
POST   /vouchers/<uuid:voucher_id>/give-back                                    enterprise
POST   /vouchers/<uuid:voucher_id>/recall                                       officers
POST   /vouchers/<uuid:voucher_id>/thaw                                         officers
GET    /vouchers/issue/<uuid:version_id>                                        pilot
POST   /vouchers/issue/<uuid:version_id>                                        pilot
POST   /vouchers/issue/<uuid:version_id>/automatic                              pilot
POST   /vouchers/issue/<uuid:version_id>/sheet                                  pilot
POST   /vouchers/issue/<uuid:version_id>/sheet/<uuid:document_id>               pilot
GET    /vouchers/verify                                                         everybody
POST   /api/v1/redemption                                                       provider
POST   /api/v1/redemption/codes                                                 enterprise
POST   /api/v1/redemption/orders/<uuid:order_id>/request                        provider
POST   /redemption/frames                                                       provider
GET    /redemption/orders/<uuid:order_id>                                       enterprise
POST   /redemption/orders/<uuid:order_id>                                       enterprise
GET    /redemption/orders/<uuid:order_id>/live                                  enterprise
POST   /redemption/orders/<uuid:order_id>/request                               provider
POST   /redemption/photo                                                        provider
GET    /redemption/scan                                                         provider
POST   /redemption/scan                                                         provider
GET    /redemption/voucher                                                      provider
# contracts of direct expenditure
GET    /api/v1/contracts                                                        provider overseers
POST   /api/v1/contracts                                                        officers
GET    /api/v1/contracts/<uuid:contract_id>                                     provider overseers
POST   /api/v1/contracts/<uuid:contract_id>/confirmation                        officers finance
POST   /api/v1/contracts/<uuid:contract_id>/parts                               officers
POST   /api/v1/contracts/<uuid:contract_id>/recalls                             officers
POST   /api/v1/contracts/<uuid:contract_id>/refusal                             officers finance
POST   /api/v1/contracts/<uuid:contract_id>/withdrawal                          officers
GET    /contracts                                                               provider overseers
GET    /contracts/<uuid:contract_id>                                            provider overseers
GET    /contracts/<uuid:contract_id>/accept                                     officers
POST   /contracts/<uuid:contract_id>/accept                                     officers
GET    /contracts/<uuid:contract_id>/claim                                      firms pilot
POST   /contracts/<uuid:contract_id>/claim                                      firms pilot
GET    /contracts/<uuid:contract_id>/decide                                     officers finance
POST   /contracts/<uuid:contract_id>/decide                                     officers finance
GET    /contracts/<uuid:contract_id>/invoices/new                               provider pilot
GET    /contracts/<uuid:contract_id>/invoices/read                              provider pilot
POST   /contracts/<uuid:contract_id>/invoices/new                               provider pilot
POST   /contracts/<uuid:contract_id>/invoices/read                              provider pilot
GET    /contracts/<uuid:contract_id>/recall                                     officers
POST   /contracts/<uuid:contract_id>/recall                                     officers
GET    /contracts/<uuid:contract_id>/withdraw                                   officers
POST   /contracts/<uuid:contract_id>/withdraw                                   officers
GET    /contracts/new                                                           officers
GET    /contracts/new/<uuid:pilot_id>                                           officers
POST   /contracts/new/<uuid:pilot_id>                                           officers
# invoices and claims
GET    /api/v1/orders/<uuid:order_id>/match                                     firms overseers
GET    /orders/<uuid:order_id>/claim                                            firms
POST   /orders/<uuid:order_id>/claim                                            firms
GET    /orders/<uuid:order_id>/invoices/new                                     provider
GET    /orders/<uuid:order_id>/invoices/read                                    provider
POST   /orders/<uuid:order_id>/invoices/new                                     provider
POST   /orders/<uuid:order_id>/invoices/read                                    provider
GET    /orders/<uuid:order_id>/match                                            firms overseers
GET    /api/v1/claims                                                           firms overseers
GET    /api/v1/claims/times                                                     everybody
GET    /claims/times                                                            everybody
GET    /api/v1/claims/<uuid:claim_id>/evidence                                  auditor
GET    /claims/<uuid:claim_id>/evidence.zip                                     auditor
POST   /api/v1/claims                                                           firms pilot
GET    /api/v1/claims/<uuid:claim_id>                                           firms overseers
POST   /api/v1/claims/<uuid:claim_id>/correction                                firms pilot
POST   /api/v1/claims/<uuid:claim_id>/reviews                                   officers
POST   /api/v1/claims/<uuid:claim_id>/revocation                                city
POST   /api/v1/claims/<uuid:claim_id>/withdrawal                                firms pilot
GET    /claims                                                                  firms overseers
GET    /claims/<uuid:claim_id>                                                  firms overseers
GET    /claims/<uuid:claim_id>/correct                                          firms pilot
POST   /claims/<uuid:claim_id>/correct                                          firms pilot
GET    /claims/<uuid:claim_id>/review                                           officers
POST   /claims/<uuid:claim_id>/review                                           officers
GET    /claims/<uuid:claim_id>/why/<verb>                                       firms officers
POST   /claims/<uuid:claim_id>/why/<verb>                                       firms officers
GET    /claims/review                                                           officers
GET    /claims/<uuid:claim_id>/review/sums                                      officers
GET    /api/v1/invoices                                                         firms overseers
POST   /api/v1/invoices                                                         provider pilot
GET    /api/v1/invoices/<uuid:invoice_id>                                       firms overseers
POST   /api/v1/invoices/<uuid:invoice_id>/confirmation                          enterprise pilot
POST   /api/v1/invoices/<uuid:invoice_id>/hold                                  officers finance
POST   /api/v1/invoices/<uuid:invoice_id>/release                               officers finance
GET    /api/v1/invoices/<uuid:invoice_id>/checks                                firms overseers
POST   /api/v1/invoices/<uuid:invoice_id>/checks                                officers finance
GET    /invoices/<uuid:invoice_id>/checks/new                                   officers finance
POST   /invoices/<uuid:invoice_id>/checks/new                                   officers finance
POST   /api/v1/invoices/<uuid:invoice_id>/withdrawal                            provider pilot
GET    /invoices                                                                firms overseers
GET    /invoices/<uuid:invoice_id>                                              firms overseers
POST   /invoices/<uuid:invoice_id>/confirm                                      enterprise pilot
POST   /invoices/<uuid:invoice_id>/release                                      officers finance
GET    /invoices/<uuid:invoice_id>/why/<verb>                                   provider officers finance
POST   /invoices/<uuid:invoice_id>/why/<verb>                                   provider officers finance
# settlement
GET    /api/v1/batches                                                          overseers
POST   /api/v1/batches                                                          finance
GET    /api/v1/batches/<uuid:batch_id>                                          overseers
POST   /api/v1/batches/<uuid:batch_id>/approval                                 finance
POST   /api/v1/batches/<uuid:batch_id>/cancellation                             finance
POST   /api/v1/batches/<uuid:batch_id>/claims                                   finance
GET    /api/v1/batches/<uuid:batch_id>/payment-file                             finance
GET    /api/v1/batches/<uuid:batch_id>/payment-file.xml                         finance
POST   /api/v1/batches/<uuid:batch_id>/payment-file                             finance
POST   /api/v1/batches/<uuid:batch_id>/return-file                              finance
POST   /api/v1/batches/items/<uuid:item_id>/removal                             finance
GET    /api/v1/batches/waiting                                                  overseers
GET    /settlement                                                              overseers
GET    /settlement/batches/<uuid:batch_id>                                      overseers
POST   /settlement/batches/<uuid:batch_id>/approve                              finance
POST   /settlement/batches/<uuid:batch_id>/cancel                               finance
GET    /settlement/batches/<uuid:batch_id>/payment-file                         finance
GET    /settlement/batches/<uuid:batch_id>/payment-file.xml                     finance
POST   /settlement/batches/<uuid:batch_id>/payment-file                         finance
POST   /settlement/batches/<uuid:batch_id>/return-file                          finance
GET    /settlement/funds/<uuid:fund_id>                                         finance
GET    /api/v1/statement                                                        firms
GET    /statement                                                               firms
GET    /api/v1/payable                                                          everybody
GET    /api/v1/payable/<uuid:certificate_id>                                    firms overseers
POST   /api/v1/payable/claims/<uuid:claim_id>                                   firms pilot
GET    /payable                                                                 everybody
GET    /certificates/<uuid:certificate_id>                                      firms overseers
POST   /claims/<uuid:claim_id>/certificate                                      firms pilot
GET    /api/v1/batches/tiers                                                    overseers
POST   /api/v1/batches/tiers                                                    city
POST   /api/v1/batches/tiers/<uuid:tier_id>/end                                 city
GET    /settlement/tiers                                                        overseers
POST   /settlement/tiers                                                        city
POST   /settlement/tiers/<uuid:tier_id>/end                                     city
POST   /settlement/funds/<uuid:fund_id>                                         finance
POST   /settlement/items/<uuid:item_id>/take-out                                finance
# requests for vouchers
GET    /api/v1/voucher-requests                                                 enterprise overseers
POST   /api/v1/voucher-requests                                                 enterprise
GET    /api/v1/voucher-requests/<uuid:request_id>                               enterprise overseers
POST   /api/v1/voucher-requests/<uuid:request_id>/correction                    enterprise
POST   /api/v1/voucher-requests/<uuid:request_id>/review                        officers
POST   /api/v1/voucher-requests/<uuid:request_id>/withdrawal                    enterprise
GET    /voucher-requests                                                        enterprise overseers
GET    /voucher-requests/<uuid:request_id>                                      enterprise overseers
GET    /voucher-requests/<uuid:request_id>/correct                              enterprise
POST   /voucher-requests/<uuid:request_id>/correct                              enterprise
GET    /voucher-requests/<uuid:request_id>/review                               officers
POST   /voucher-requests/<uuid:request_id>/review                               officers
POST   /voucher-requests/<uuid:request_id>/withdraw                             enterprise
GET    /voucher-requests/new/<uuid:version_id>                                  enterprise
POST   /voucher-requests/new/<uuid:version_id>                                  enterprise
# year end and corrections
GET    /api/v1/adjustments                                                      overseers
POST   /api/v1/adjustments                                                      finance
GET    /api/v1/adjustments/<uuid:adjustment_id>                                 overseers
POST   /api/v1/adjustments/<uuid:adjustment_id>/booking                         finance
POST   /api/v1/adjustments/<uuid:adjustment_id>/refusal                         finance
POST   /api/v1/adjustments/<uuid:adjustment_id>/withdrawal                      finance
GET    /adjustments                                                             overseers
GET    /adjustments/<uuid:adjustment_id>                                        overseers
POST   /adjustments/<uuid:adjustment_id>                                        finance
GET    /adjustments/<uuid:adjustment_id>/withdraw                               finance
POST   /adjustments/<uuid:adjustment_id>/withdraw                               finance
GET    /adjustments/new                                                         finance
GET    /adjustments/new/<uuid:pilot_id>                                         finance
GET    /adjustments/new/<uuid:pilot_id>/<kind>                                  finance
POST   /adjustments/new/<uuid:pilot_id>/<kind>                                  finance

# recoveries
GET    /api/v1/recoveries                                                       firms overseers
POST   /api/v1/recoveries                                                       officers finance
GET    /api/v1/recoveries/<uuid:recovery_id>                                    firms overseers
POST   /api/v1/recoveries/<uuid:recovery_id>/answer                             firms
POST   /api/v1/recoveries/<uuid:recovery_id>/demand                             city finance
POST   /api/v1/recoveries/<uuid:recovery_id>/dismissal                          city finance
POST   /api/v1/recoveries/<uuid:recovery_id>/receipts                           finance
GET    /recoveries                                                              firms overseers
GET    /recoveries/<uuid:recovery_id>                                           firms overseers
GET    /recoveries/<uuid:recovery_id>/answer                                    firms
POST   /recoveries/<uuid:recovery_id>/answer                                    firms
GET    /recoveries/<uuid:recovery_id>/decide                                    city finance
POST   /recoveries/<uuid:recovery_id>/decide                                    city finance
GET    /recoveries/<uuid:recovery_id>/receive                                   finance
POST   /recoveries/<uuid:recovery_id>/receive                                   finance
GET    /recoveries/new                                                          officers finance
GET    /recoveries/new/<uuid:claim_id>                                          officers finance
POST   /recoveries/new/<uuid:claim_id>                                          officers finance
# opening entries
GET    /api/v1/openings                                                         overseers
POST   /api/v1/openings                                                         pilot city finance
GET    /api/v1/openings/<uuid:opening_id>                                       overseers
GET    /api/v1/openings/<uuid:opening_id>/rows                                  overseers
POST   /api/v1/openings/<uuid:opening_id>/submission                            pilot city finance
POST   /api/v1/openings/<uuid:opening_id>/return                                finance
POST   /api/v1/openings/<uuid:opening_id>/release                               finance
POST   /api/v1/openings/<uuid:opening_id>/withdrawal                            pilot city finance
GET    /openings                                                                overseers
GET    /openings/new                                                            pilot city finance
POST   /openings/new                                                            pilot city finance
GET    /openings/<uuid:opening_id>                                              overseers
GET    /openings/<uuid:opening_id>/rows                                         overseers
POST   /openings/<uuid:opening_id>/submit                                       pilot city finance
POST   /openings/<uuid:opening_id>/send-back                                    finance
POST   /openings/<uuid:opening_id>/release                                      finance
POST   /openings/<uuid:opening_id>/withdraw                                     pilot city finance
# oversight
GET    /api/v1/grant-lists                                                      city finance province auditor
POST   /api/v1/grant-lists                                                      city province
GET    /api/v1/grant-lists/<uuid:list_id>                                       city finance province auditor
GET    /api/v1/grant-lists/<uuid:list_id>/matches                               city finance province auditor
GET    /api/v1/grant-lists/<uuid:list_id>/rows                                  city finance province auditor
POST   /api/v1/grant-lists/<uuid:list_id>/withdrawal                            city province
GET    /grants                                                                  city finance province auditor
GET    /grants/<uuid:list_id>                                                   city finance province auditor
GET    /grants/<uuid:list_id>/withdrawal                                        city province
POST   /grants/<uuid:list_id>/withdrawal                                        city province
GET    /grants/new                                                              city province
POST   /grants/new                                                              city province
"""

READ_BY_POST = {
    "/api/v1/publicity/objections/<uuid:objection_id>/objector": "gives a reason for the look, which is written down",
    "/publicity/objections/<uuid:objection_id>/objector": "gives a reason for the look, which is written down",
}
"""Looking that is no GET: the only rules under a reading verb that a person reaches by another method, and why."""


def expected() -> dict[tuple[str, str], frozenset[str]]:
    """(verb, rule) → everybody who may come in."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for line in TABLE.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        verb, rule, *who = line.split()
        if (verb, rule) in found:
            raise ValueError(f"{verb} {rule} stands in the table twice")
        found[verb, rule] = frozenset(role for word in who for role in GROUPS.get(word, (word,)))
        unknown = found[verb, rule] - {"visitor", "newcomer", *ROLES}
        if unknown:
            raise ValueError(f"{verb} {rule}: nobody is called {', '.join(sorted(unknown))}")
    return found
