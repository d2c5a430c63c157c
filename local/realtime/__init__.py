"""This program emulates the Azure OpenAI Realtime API on one machine; README.md says what it does not do.

This is the map of the package. A room imports rooms below it and never one above it, and `talk` and `media` do not
import each other; import-linter enforces that, and a test compares this map with its contracts.

    __main__               reads the command line, and serves until a signal
    service/               the HTTP side
        app                the routes, the headers of the service, and the one error boundary
        control            /emulator/…, with which tests steer the emulator
        ga, preview        the endpoints of the two protocols
        issuing            what both protocols do to issue a client secret
        placing            what both protocols do to answer an SDP offer with a call
        admission          notes requests and slows them down, and lets faults strike
        emulator           the state of one running emulator
        registry           the calls, and what is connected to them
        client_secrets     creates client secrets, and finds them again
        faults             the faults that tests have switched on
        seen               the requests that the service has received
        sideband           the service's end of an attached WebSocket
        credentials        checks keys and tokens, and issues Entra tokens
        http               JSON answers, and refusals as answers
    talk/                  one call: who says what, and the events about it
        call               puts a call together, and is what the other rooms see of it
        client_events      does what a client event asks
        turns              the caller's spoken turns, and their transcription
        responder          runs responses in real time
        detector           sans-I/O: when a voice starts and stops
        remote_tools       lists and calls the tools of remote MCP servers, without reaching any
        core               what the parts of a call share: session, conversation, listeners, clock
        playback           plays clips to the caller
        response           sans-I/O: the events of one response
        answers            sans-I/O: what the emulator says
        usage              sans-I/O: tokens as the service bills them
        conversation       sans-I/O: the items, in order
    media/                 WebRTC and sound
        peer               the service's end of a media connection
        microphone         a program that records a WAV file for a browser's fake microphone
        track              the audio track that the caller hears
        answer_sdp         the SDP answer in Azure's shape
        speech             espeak-ng, and Opus packets
    protocol/              what is said on the wire
        dialect            translates the events of a call for a preview client
        session            session objects in GA's form
        preview_session    session objects in the preview protocol's flat form
        fields             the fields of a session, and the check against them
        events             builds events and identifiers
    clip                   encoded speech, as `talk` and `media` hand it to each other
    errors                 the refusals of the service
    options                what the command line can set
"""
