using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An object that lacks what Asterisk demands of it.</summary>
internal static class IncompleteObject
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1111",
        Name = "incomplete-object",
        Severity = Severity.Medium,
        // Measured on 22.10.1, each; the checks are the apply handlers of res_pjsip and its modules.
        Why = "Each option is right by itself, but Asterisk refuses the object for what is missing or does not fit together: an auth without a username, a registration without its URIs.",
        Fix = "Add what is missing. The log says \"Could not create an object of type\" and, above it, why.",
        Bad = """
            [1001] ; here
            type = auth
            password = Xk9-mP2vL8-qR5w
            [reg]
            type = registration
            server_uri = 203.0.113.10 ; here
            client_uri = sip:100@203.0.113.10
            [peer] ; here
            type = identify
            endpoint = peer
            [t-udp] ; here
            type = transport
            protocol = udp
            [1001]
            type = endpoint
            timers_sess_expires = 60 ; here
            """,
        Good = """
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w
            [reg]
            type = registration
            server_uri = sip:203.0.113.10
            client_uri = sip:100@203.0.113.10
            line = yes
            endpoint = 1001
            [peer]
            type = identify
            endpoint = 1001
            match = 203.0.113.10
            [t-udp]
            type = transport
            protocol = udp
            bind = 0.0.0.0
            [t-flow]
            type = transport
            protocol = flow
            [1001]
            type = endpoint
            timers_min_se = 120
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in pbx.Pjsip.All
        where found.Kind is not null && pbx.Options.IsKnown
        from missing in Missing(found).Take(1)
        select new Fault(missing.Place, $"{found.Type} {Shown.Text(found.Name)}", $"{missing.Text}: {new CataloguedSection(found.Section, found.Kind!).WhatIsLost}");

    /// <summary>What Asterisk misses, in its order.</summary>
    public static IEnumerable<(Place Place, string Text)> Missing(PjsipObject found) => found.Type switch
    {
        "auth" => OfAuth(found),
        "registration" => OfRegistration(found),
        "identify" => OfIdentify(found),
        "transport" => OfTransport(found),
        "endpoint" => OfEndpoint(found),
        "outbound-publish" => OfPublish(found),
        "domain_alias" when IsEmpty(found, "domain") => [(found.PlaceOf("domain"), "there is no domain")],
        _ => [],
    };

    // res/res_pjsip/config_auth.c, auth_apply. The newest releases demand a password or a digest too, which their branches' earlier ones did not.
    private static IEnumerable<(Place Place, string Text)> OfAuth(PjsipObject found)
    {
        if (IsEmpty(found, "username"))
        {
            yield return (found.PlaceOf("username"), "there is no username");
        }

        var type = found["auth_type"]?.ToLowerInvariant() ?? "userpass";
        var hasDigests = found.Kind?.Find("password_digest") is not null;
        if (type == "google_oauth")
        {
            foreach (var option in (string[])["refresh_token", "oauth_clientid", "oauth_secret"])
            {
                if (IsEmpty(found, option))
                {
                    yield return (found.Place, $"google_oauth needs {option}");
                }
            }
        }
        else if (type == "md5" && !hasDigests && (found["md5_cred"]?.Length ?? 0) != 32)
        {
            yield return (found.PlaceOf("md5_cred"), "auth_type = md5 needs an md5_cred of 32 characters");
        }
    }

    // res/res_pjsip_outbound_registration.c, sip_outbound_registration_apply.
    private static IEnumerable<(Place Place, string Text)> OfRegistration(PjsipObject found)
    {
        foreach (var option in (string[])["server_uri", "client_uri"])
        {
            if (IsEmpty(found, option))
            {
                yield return (found.PlaceOf(option), $"there is no {option}");
            }
            else if (!OptionValue.IsSip(found[option]!))
            {
                yield return (found.PlaceOf(option), $"{option} is no SIP URI such as sip:203.0.113.10");
            }
        }

        var hasLine = AsteriskBool.IsTrue(found["line"]);
        if (hasLine && IsEmpty(found, "endpoint"))
        {
            yield return (found.PlaceOf("line"), "line = yes needs an endpoint");
        }
        else if (!hasLine && !IsEmpty(found, "endpoint"))
        {
            yield return (found.PlaceOf("endpoint"), "an endpoint needs line = yes");
        }
    }

    // res/res_pjsip_outbound_publish.c, validate_publish_config.
    private static IEnumerable<(Place Place, string Text)> OfPublish(PjsipObject found)
    {
        foreach (var option in (string[])["server_uri", "event"])
        {
            if (IsEmpty(found, option))
            {
                yield return (found.PlaceOf(option), $"there is no {option}");
            }
        }

        foreach (var option in (string[])["server_uri", "from_uri", "to_uri"])
        {
            if (!IsEmpty(found, option) && !OptionValue.IsSip(found[option]!))
            {
                yield return (found.PlaceOf(option), $"{option} is no SIP URI such as sip:203.0.113.10");
            }
        }
    }

    // res/res_pjsip_endpoint_identifier_ip.c, ip_identify_apply. A host that can't be resolved counts as none, which nobody knows from here.
    private static IEnumerable<(Place Place, string Text)> OfIdentify(PjsipObject found)
    {
        if (IsEmpty(found, "endpoint"))
        {
            yield return (found.PlaceOf("endpoint"), "there is no endpoint");
        }

        if (!found.List("match").Any() && IsEmpty(found, "match_header") && IsEmpty(found, "match_request_uri"))
        {
            yield return (found.PlaceOf("match"), "there is nothing to match");
        }
        else if (!IsEmpty(found, "match_header") && !found["match_header"]!.Contains(':', StringComparison.Ordinal))
        {
            yield return (found.PlaceOf("match_header"), "match_header has no : between name and value");
        }
    }

    // res/res_pjsip/config_transport.c, transport_apply.
    private static IEnumerable<(Place Place, string Text)> OfTransport(PjsipObject found)
    {
        if (IsEmpty(found, "bind") && !string.Equals(found["protocol"], "flow", StringComparison.OrdinalIgnoreCase))
        {
            yield return (found.PlaceOf("bind"), "there is no bind");
        }
    }

    // res/res_pjsip/pjsip_configuration.c, sip_endpoint_apply_handler.
    private static IEnumerable<(Place Place, string Text)> OfEndpoint(PjsipObject found)
    {
        if (Number(found, "timers_min_se") is { } least && Number(found, "timers_sess_expires") is { } expires)
        {
            if (least < 90)
            {
                yield return (found.PlaceOf("timers_min_se"), "timers_min_se is less than 90");
            }
            else if (expires < least)
            {
                yield return (found.PlaceOf("timers_sess_expires"), "timers_sess_expires is less than timers_min_se");
            }
        }

        if (found.Find("rtp_port_start") is null && found.Find("rtp_port_end") is null)
        {
            yield break;
        }

        if (Number(found, "rtp_port_start") is { } first && Number(found, "rtp_port_end") is { } last && first + last > 0 && (first < 1024 || last <= first))
        {
            yield return (found.PlaceOf(first < 1024 ? "rtp_port_start" : "rtp_port_end"), "rtp_port_start and rtp_port_end are set together, from 1024 on, the end above the start");
        }
    }

    private static bool IsEmpty(PjsipObject found, string option) => string.IsNullOrEmpty(found[option]);

    private static long? Number(PjsipObject found, string option) => found.Value(option) is { } value ? OptionValue.Whole(value) : null;
}
