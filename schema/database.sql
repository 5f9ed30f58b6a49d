-- The schema on PostgreSQL, read from a migrated database by the tests. It changes with migrations/.

CREATE TABLE accounts (
    id uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    grants text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_email_key UNIQUE (email),
    CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY['STAFF'::text, 'APPLICANT'::text, 'INTEGRATION'::text])))
);

CREATE TABLE programs (
    id uuid NOT NULL,
    version integer NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    current_revision_id uuid NOT NULL,
    revision_number integer NOT NULL,
    places_taken integer NOT NULL DEFAULT 0,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT programs_pkey PRIMARY KEY (id),
    CONSTRAINT programs_key_key UNIQUE (key)
);

CREATE TABLE revisions (
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    number integer NOT NULL,
    published_at timestamp with time zone NOT NULL,
    rules text NOT NULL,
    CONSTRAINT revisions_pkey PRIMARY KEY (id),
    CONSTRAINT revisions_program_id_fkey FOREIGN KEY (program_id) REFERENCES programs(id)
);
CREATE UNIQUE INDEX revisions_program_number ON revisions USING btree (program_id, number);

CREATE TABLE organizations (
    id uuid NOT NULL,
    name text NOT NULL,
    comparable_name text NOT NULL,
    domain text,
    repository text,
    owner_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT organizations_pkey PRIMARY KEY (id),
    CONSTRAINT organizations_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES accounts(id)
);
CREATE INDEX organizations_comparable_name ON organizations USING btree (comparable_name);
CREATE INDEX organizations_domain ON organizations USING btree (domain);
CREATE UNIQUE INDEX organizations_owner_name ON organizations USING btree (owner_id, comparable_name);
CREATE INDEX organizations_repository ON organizations USING btree (repository);

CREATE TABLE applications (
    id uuid NOT NULL,
    version integer NOT NULL,
    program_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    kind text NOT NULL,
    organization_id uuid NOT NULL,
    applicant_id uuid NOT NULL,
    external_id text,
    assignee_id uuid,
    status text NOT NULL,
    submitted_at timestamp with time zone,
    due_at timestamp with time zone,
    queue_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone,
    warned_at timestamp with time zone,
    wake_at timestamp with time zone,
    manual_steps integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    detail text NOT NULL,
    CONSTRAINT applications_pkey PRIMARY KEY (id),
    CONSTRAINT applications_kind_check CHECK ((kind = ANY (ARRAY['NEW'::text, 'RENEWAL'::text, 'AMENDMENT'::text]))),
    CONSTRAINT applications_status_check CHECK ((status = ANY (ARRAY['DRAFT'::text, 'SUBMITTED'::text, 'IN_REVIEW'::text, 'AWAITING_APPLICANT'::text, 'ON_HOLD'::text, 'AWAITING_APPROVAL'::text, 'WAITLISTED'::text, 'APPROVED'::text, 'DECLINED'::text, 'WITHDRAWN'::text, 'EXPIRED'::text]))),
    CONSTRAINT applications_applicant_id_fkey FOREIGN KEY (applicant_id) REFERENCES accounts(id),
    CONSTRAINT applications_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES accounts(id),
    CONSTRAINT applications_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
    CONSTRAINT applications_program_id_fkey FOREIGN KEY (program_id) REFERENCES programs(id),
    CONSTRAINT applications_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id)
);
CREATE INDEX applications_applicant ON applications USING btree (applicant_id, id);
CREATE INDEX applications_assignee ON applications USING btree (assignee_id, status, queue_at, id);
CREATE UNIQUE INDEX applications_external_id ON applications USING btree (program_id, external_id);
CREATE INDEX applications_queue ON applications USING btree (program_id, status, queue_at, id);
CREATE INDEX applications_same_organization ON applications USING btree (organization_id, program_id, submitted_at);
CREATE INDEX applications_status ON applications USING btree (status, queue_at, id);
CREATE INDEX applications_wake ON applications USING btree (wake_at);

CREATE TABLE answers (
    application_id uuid NOT NULL,
    body text NOT NULL,
    CONSTRAINT answers_pkey PRIMARY KEY (application_id),
    CONSTRAINT answers_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id)
);

CREATE TABLE evaluations (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    revision_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    recommendation text NOT NULL,
    body text NOT NULL,
    CONSTRAINT evaluations_pkey PRIMARY KEY (id),
    CONSTRAINT evaluations_recommendation_check CHECK ((recommendation = ANY (ARRAY['APPROVE'::text, 'DECLINE'::text, 'ASK'::text, 'HOLD'::text, 'REVIEW'::text]))),
    CONSTRAINT evaluations_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT evaluations_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id)
);
CREATE INDEX evaluations_application ON evaluations USING btree (application_id, id);

CREATE TABLE messages (
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    kind text NOT NULL,
    author_id uuid,
    body text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (id),
    CONSTRAINT messages_kind_check CHECK ((kind = ANY (ARRAY['RECEIVED'::text, 'QUESTION'::text, 'REPLY'::text, 'APPROVED'::text, 'DECLINED'::text, 'EXPIRING'::text, 'EXPIRED'::text, 'APPEAL'::text]))),
    CONSTRAINT messages_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT messages_author_id_fkey FOREIGN KEY (author_id) REFERENCES accounts(id)
);
CREATE INDEX messages_application ON messages USING btree (application_id, id);

CREATE TABLE resolutions (
    application_id uuid NOT NULL,
    version integer NOT NULL,
    program_id uuid NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    mode text NOT NULL,
    person_id uuid,
    at timestamp with time zone NOT NULL,
    elapsed bigint NOT NULL,
    promise bigint NOT NULL,
    team bigint NOT NULL,
    within_promise boolean,
    manual_steps integer NOT NULL,
    eligibility_automated boolean NOT NULL,
    CONSTRAINT resolutions_pkey PRIMARY KEY (application_id, version),
    CONSTRAINT resolutions_kind_check CHECK ((kind = ANY (ARRAY['NEW'::text, 'RENEWAL'::text, 'AMENDMENT'::text]))),
    CONSTRAINT resolutions_mode_check CHECK ((mode = ANY (ARRAY['MANUAL'::text, 'AUTOMATED'::text, 'INTEGRATION'::text]))),
    CONSTRAINT resolutions_outcome_check CHECK ((outcome = ANY (ARRAY['APPROVED'::text, 'DECLINED'::text, 'WITHDRAWN'::text, 'EXPIRED'::text]))),
    CONSTRAINT resolutions_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT resolutions_program_id_fkey FOREIGN KEY (program_id) REFERENCES programs(id)
);
CREATE INDEX resolutions_at ON resolutions USING btree (at);
CREATE INDEX resolutions_program_at ON resolutions USING btree (program_id, at);

CREATE TABLE memberships (
    id uuid NOT NULL,
    version integer NOT NULL,
    program_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    application_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ends_on date NOT NULL,
    terms text NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (id),
    CONSTRAINT memberships_application_id_fkey FOREIGN KEY (application_id) REFERENCES applications(id),
    CONSTRAINT memberships_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
    CONSTRAINT memberships_program_id_fkey FOREIGN KEY (program_id) REFERENCES programs(id)
);
CREATE INDEX memberships_application ON memberships USING btree (application_id);
CREATE INDEX memberships_organization ON memberships USING btree (organization_id);
CREATE INDEX memberships_program ON memberships USING btree (program_id, id);
CREATE UNIQUE INDEX memberships_program_organization ON memberships USING btree (program_id, organization_id);

CREATE TABLE activities (
    sequence bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    verb text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    version integer NOT NULL,
    account_id uuid,
    mode text NOT NULL,
    at timestamp with time zone NOT NULL,
    program_id uuid,
    application_id uuid,
    revision_id uuid,
    public boolean NOT NULL,
    details text NOT NULL,
    transaction_id bigint NOT NULL DEFAULT 0,
    impersonator_id uuid,
    CONSTRAINT activities_pkey PRIMARY KEY (sequence),
    CONSTRAINT activities_mode_check CHECK ((mode = ANY (ARRAY['MANUAL'::text, 'AUTOMATED'::text, 'INTEGRATION'::text]))),
    CONSTRAINT activities_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['APPLICATION'::text, 'PROGRAM'::text, 'MEMBERSHIP'::text, 'ACCOUNT'::text])))
);
CREATE INDEX activities_application ON activities USING btree (application_id, sequence);
CREATE INDEX activities_program ON activities USING btree (program_id, sequence);
CREATE INDEX activities_transaction ON activities USING btree (transaction_id, sequence);
CREATE UNIQUE INDEX activities_version ON activities USING btree (subject_id, version) WHERE (version > 0);

CREATE TABLE academic_domains (
    domain text NOT NULL,
    institution text,
    excluded boolean NOT NULL,
    CONSTRAINT academic_domains_pkey PRIMARY KEY (domain)
);

CREATE TABLE sessions (
    id uuid NOT NULL,
    version integer NOT NULL,
    account_id uuid NOT NULL,
    impersonator_id uuid,
    reason text,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
);
CREATE INDEX sessions_account ON sessions USING btree (account_id);
CREATE INDEX sessions_expiry ON sessions USING btree (expires_at);

CREATE TABLE refresh_tokens (
    hash text NOT NULL,
    session_id uuid NOT NULL,
    made_with integer NOT NULL,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_session ON refresh_tokens USING btree (session_id);

CREATE TABLE integration_tokens (
    id uuid NOT NULL,
    version integer NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    scopes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT integration_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT integration_tokens_hash_key UNIQUE (hash),
    CONSTRAINT integration_tokens_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
);
CREATE INDEX integration_tokens_account ON integration_tokens USING btree (account_id);

CREATE TABLE signing_keys (
    id uuid NOT NULL,
    number integer NOT NULL,
    public text NOT NULL,
    sealed text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (id),
    CONSTRAINT signing_keys_number_key UNIQUE (number)
);

CREATE TABLE credentials (
    account_id uuid NOT NULL,
    phc text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT credentials_pkey PRIMARY KEY (account_id),
    CONSTRAINT credentials_account FOREIGN KEY (account_id) REFERENCES accounts(id)
);

CREATE TABLE sign_in_attempts (
    id uuid NOT NULL,
    account text NOT NULL,
    address text,
    at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (id)
);
CREATE INDEX sign_in_attempts_account ON sign_in_attempts USING btree (account, at);
CREATE INDEX sign_in_attempts_address ON sign_in_attempts USING btree (address, at);
CREATE INDEX sign_in_attempts_at ON sign_in_attempts USING btree (at);

CREATE TABLE sign_in_codes (
    email text NOT NULL,
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    tries integer NOT NULL,
    CONSTRAINT sign_in_codes_pkey PRIMARY KEY (email)
);

CREATE TABLE sign_in_exchanges (
    code text NOT NULL,
    account_id uuid NOT NULL,
    challenge text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_exchanges_pkey PRIMARY KEY (code),
    CONSTRAINT sign_in_exchanges_account FOREIGN KEY (account_id) REFERENCES accounts(id)
);

CREATE TABLE identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    account_id uuid NOT NULL,
    linked_at timestamp with time zone NOT NULL,
    CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject),
    CONSTRAINT identities_account FOREIGN KEY (account_id) REFERENCES accounts(id)
);
CREATE INDEX identities_account ON identities USING btree (account_id);

CREATE TABLE mails (
    id uuid NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    about_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    CONSTRAINT mails_pkey PRIMARY KEY (id),
    CONSTRAINT mails_kind_check CHECK ((kind = 'SIGN_IN_CODE'::text))
);
CREATE INDEX mails_due ON mails USING btree (due_at);

CREATE TABLE idempotency_keys (
    account_id uuid NOT NULL,
    key text NOT NULL,
    digest text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    effect_kind text,
    effect_id uuid,
    answer text,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (account_id, key),
    CONSTRAINT idempotency_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id)
);
CREATE INDEX idempotency_keys_started_at ON idempotency_keys USING btree (started_at);

CREATE TABLE kpi_ledgers (
    program_id uuid NOT NULL,
    rolled_up_to timestamp with time zone NOT NULL,
    late_ends integer NOT NULL,
    rolled_up_ends integer,
    CONSTRAINT kpi_ledgers_pkey PRIMARY KEY (program_id),
    CONSTRAINT kpi_ledgers_program_id_fkey FOREIGN KEY (program_id) REFERENCES programs(id)
);

CREATE TABLE kpi_rollups (
    program_id uuid NOT NULL,
    key text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    formula integer NOT NULL,
    late_ends integer NOT NULL,
    body text NOT NULL,
    CONSTRAINT kpi_rollups_pkey PRIMARY KEY (program_id, key, starts_at, ends_at),
    CONSTRAINT kpi_rollups_program_id_fkey FOREIGN KEY (program_id) REFERENCES programs(id)
);
