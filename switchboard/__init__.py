"""Switchboard is a serverless gateway that puts a realtime voice model on a web page.

This is the map of the package, from the edge inwards. A room imports rooms below it and never one above it;
import-linter enforces that, and a test compares this map with its contracts.

    triggers/          the Functions edges, the only place that imports azure.functions
        app            the app as the platform sees it: begins the building of the services once it is indexed
        openapi        the OpenAPI document of all routes: GET /api/openapi.json
        about, calls, openai, operators, queues, signalling
                       one blueprint for each group of functions, with the descriptions of its routes
        unknown        answers requests for routes of the API that the gateway does not have
        routes         registers HTTP functions, each with its description
        boundary       the one place where a request is admitted and an error becomes an answer
        tracing        answers a request in a span, and counts refusals
        description    what a route takes, answers and refuses, as plain values
        examples       what several descriptions show as an example
        schemas        JSON schemas of the structs that the routes read and write
        http           reads requests within limits, and builds answers and problems (RFC 9457) as plain values
        config         what a page must know of the gateway: GET /api/config
    repair/        lists what is inconsistent in the archive container, and mends it: python -m switchboard.repair
        __main__       reads the arguments and the settings, and prints what was found
        inspection     compares journals, summaries, live calls and places
        mending        mends what was found
        findings       sans-I/O: what is inconsistent
    late               builds the services after the functions are indexed, so that a start need not wait for them
    services           builds every client, pool and credential, once per process
    calls              what can be done with a call that exists: look, hang up, steer, report
    connecting         begins calls: relays an offer, gives a page a token, registers the page's own call
    continuing         lets a caller take up an earlier call in a new one
    operating/         shows operators all calls, and does with records what only operators may do
        room           what operators can do: list, read a journal, add up, delete, export
        erasing        deletes the record of a call with everything that names it
        exporting      packs everything of one caller into zip archives
        audit          notes what operators did with records
        listing        lists calls from the live ones' blobs and from the indexes
        days           reads the indexes of days, and keeps those that have not changed
        figures        sans-I/O: adds up by day, caller or assistant
        selection      sans-I/O: which calls a list shows, in which order, and where its next page begins
        rows           sans-I/O: a call as a row of a list
    controller         sends an operator's client event into a call
    tokens             issues ephemeral tokens of the gateway's own, for OpenAI's clients
    callers            finds out who is calling, and whether they may touch a call
    observing/         follows a call from attach to end
        poison         finishes calls whose queue messages failed too often
        sweep          finds calls that nobody observes, and places that nobody uses
        waking         sans-I/O: when a message has to wake an observer for a call
        observers      runs the observers of this process
        unobserved     one call that no server can hear: keeps its record until the browser says that it is over
        observer       one call: sideband events in, journal lines and a hang-up out
        witness        watches what the journal holds, and tells telemetry
        story          sans-I/O: what journal lines mean for the trace and the figures of a call
        ear            listens on a call's sideband, and dials again when it breaks
        hands          runs the tools that the model calls, and answers it
        holding        holds a call for one observer, by a heartbeat
        greeting       has the assistant speak first, once in a call
        memory         has a call that continues another one remember what was said
        ports          what an observer needs of the world
        live           one small blob for each call that is up
        status         sans-I/O: how a call stands at a moment
        tool_turns     sans-I/O: when a tool runs, and when the model is asked to go on
        goodbye        sans-I/O: how far a goodbye is, after a tool has asked for the call to end
        observation    sans-I/O: what one event means for the journal and the limits
        remote_tools   sans-I/O: what the service does with the tools of MCP servers
        standing       sans-I/O: how a live call stands, for the operators
    limits/            limits what callers can start
        admissions     admits calls: their places, and the caps of the day
        left           knows what is left to new calls
        daily          counts how long a caller talks in a day
        budget         counts what all calls of a day cost
        days           sans-I/O: what the calls of a day have used, and what is left of it
        prices         sans-I/O: what usage costs
        places         counts the calls that run at once, of each caller and of all
        notes          reads and writes the small blobs in which the others count
        place_names    sans-I/O: the names of places, and the tokens that give them back
    record/            what is kept of a call
        archive        writes call summaries and poison messages to Blob storage
        index          the append blob of each day that lists its archived calls
        queues         the queues, and what their messages say
        journal        the append blob that a call is written to as it goes
        writer         writes journal lines in the background, in order
        index_lines    sans-I/O: what the list shows of an archived call, in one line
        summary        sans-I/O: folds a journal into a call summary
        conversation   sans-I/O: who said what, in order, and how each turn went
        gaps           sans-I/O: when nobody observed the call
        tool_uses      sans-I/O: which tools ran, and who was asked to take the call over
        usage          sans-I/O: what a call used, added up by kind
        names          names the blobs in which a call is kept
        times          writes times in the form that summaries use
        encoding       turns lines into the bytes of a journal, and back
        lines          the lines that a journal may hold
        call_lines     those of them that are about the call itself
        talk_lines     those of them that are about the conversation
        tool_lines     those of them that are about tools
        line           what all lines have in common
    storage/           the storage account
        access         containers and queues, and the one place that translates their errors
        blob           one blob: the operations that every call needs
        sdk            the SDK's client of the container: for whatever is rare
        sending        sends requests over pooled connections, and retries them
        answers        what an answer means: a result, or an error of azure-core
        listing        sans-I/O: what an answer with a list of blobs says
        account        sans-I/O: where the account is, and how a request is signed with its key
        operations     sans-I/O: the requests for blobs and queues
    realtime/          the upstream service, in both of its protocols
        sideband       the WebSocket on which a server hears a call
        client         the GA protocol over HTTP
        preview        the deprecated preview protocol over HTTP
        secrets        client secrets that are used again until they expire
        wire           pooled connections, and endpoints tried in order
        refusals       what the service's error answers mean
        retry          which requests are sent again, and when
        service        the port: what the gateway asks of the service, in whichever protocol
        events         the server events that a call's record is made of
        client_events  the client events that an operator may send
        objects        what server events carry: items, responses, errors and usage
    tools/             what the model may call, and the gateway runs
        team           reads the team's assistants and tools, and names every fault
        toolbox        holds all tools, and says what a session offers to the model
        shipped        lists the tools that come with the gateway
        conduct        the tools with which the model steers its own call
        knowledge      the tool that searches the team's documents
        web            the tools that reach other systems over HTTPS
        toolset        runs the tools of a call, off the event loop and within limits
        exchange       sends one HTTPS request, and is over at a deadline
        outcome        sans-I/O: how a tool ended, in words that the model can explain
        definition     sans-I/O: makes a tool of a typed function with a docstring
        call           what a tool is told about its call, and what it may answer
    client_session     the session that a client of OpenAI's API sends, and what it may see of it
    session            the session configuration, and what a page may choose of it
    sdp                checks that an SDP offer is plausible
    assistants/        who answers a call: each assistant is one file
        shelf          reads the files at start, and again when they have changed
        frontmatter    sans-I/O: reads an assistant from the text of its file, or names the line of every fault
        checks         sans-I/O: what cannot work with the settings, and which settings win
        plainfields    sans-I/O: reads the fields that are so plain that they need no YAML parser
        assistant      what an assistant is
    credentials        an Entra token or an API key
    network            TLS, proxies and pooled connections
    open_pools         sends small requests over connections that are open already
    threads            the executors on which blocking work runs
    environment/       reads the settings from the environment and names every fault at once
        reading        all settings
        service        the realtime service, its sessions, and OpenAI's clients
        surroundings   storage, the network, and the sites of other pages
        tools          what the model may call
        values         one value of a setting
    telemetry/         traces and figures; nothing of OpenTelemetry is imported where they are off
        choice         chooses where they go
        exporting      makes OpenTelemetry's providers and exporters
        printing       writes spans and figures as lines for a terminal
        recording      records with OpenTelemetry
        port           what the gateway asks of telemetry; records nothing
        reading        reads the settings of telemetry
        figures        sans-I/O: the figures that are measured
    settings           the settings as frozen values
    errors/            every error that is raised on purpose: whose fault it is, which status, whether to retry
    preview_session    sans-I/O: the session configuration in the preview protocol's flat fields
"""

__version__ = "0.1.0"
