using System.Globalization;

namespace Ringfence.Core.Pbx;

/// <summary>What pjsip_wizard.conf makes of a section.</summary>
/// <remarks>res/res_pjsip_config_wizard.c, wizard_apply_handler. Hints and phoneprov are not made here.</remarks>
internal static class PjsipWizard
{
    /// <param name="section">Of pjsip_wizard.conf.</param>
    /// <returns>Nothing where its type is not wizard.</returns>
    public static IEnumerable<PjsipObject> Objects(ConfigSection section)
    {
        if (section["type"] != "wizard")
        {
            yield break;
        }

        // "[^,]+": an empty host makes a contact "sip:" of which Asterisk says nothing good; it is left out.
        var hosts = section.Find("remote_hosts") is { } given ? given.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
        var sendsAuth = IsTrue(section, "sends_auth");
        var acceptsAuth = IsTrue(section, "accepts_auth");
        yield return Endpoint(section, sendsAuth, acceptsAuth);
        yield return Aor(section, hosts);
        if (sendsAuth)
        {
            yield return Auth(section, "outbound_auth/", "-oauth");
        }

        if (acceptsAuth)
        {
            yield return Auth(section, "inbound_auth/", "-iauth");
        }

        if (hosts.Length > 0 && !IsTrue(section, "accepts_registrations") && !IsTrue(section, "sends_line_with_registrations"))
        {
            yield return Identify(section, hosts);
        }

        for (var i = 0; i < hosts.Length && IsTrue(section, "sends_registrations"); i++)
        {
            yield return Registration(section, hosts[i], i, sendsAuth);
        }
    }

    private static PjsipObject Endpoint(ConfigSection section, bool sendsAuth, bool acceptsAuth)
    {
        var made = Make(section, "endpoint/", section.Name);
        made.Add(Own(section, "aors", section.Name));
        Pass(section, "outbound_proxy", made);
        Pass(section, "transport", made);
        if (sendsAuth)
        {
            made.Add(Own(section, "outbound_auth", section.Name + "-oauth", "sends_auth"));
        }

        if (acceptsAuth)
        {
            made.Add(Own(section, "auth", section.Name + "-iauth", "accepts_auth"));
        }

        return Of("endpoint", made);
    }

    private static PjsipObject Aor(ConfigSection section, string[] hosts)
    {
        var made = Make(section, "aor/", section.Name);
        Pass(section, "outbound_proxy", made);
        var pattern = section["contact_pattern"] ?? "sip:${REMOTE_HOST}";
        if (made.Find("contact") is null && pattern.Length > 0)
        {
            foreach (var host in hosts)
            {
                made.Add(Own(section, "contact", Filled(pattern, host, ""), "remote_hosts"));
            }
        }

        return Of("aor", made);
    }

    private static PjsipObject Auth(ConfigSection section, string prefix, string suffix)
    {
        var made = Make(section, prefix, section.Name + suffix);
        if (made.Find("auth_type") is null)
        {
            made.Add(Own(section, "auth_type", "userpass"));
        }

        return Of("auth", made);
    }

    private static PjsipObject Identify(ConfigSection section, string[] hosts)
    {
        var made = Make(section, "identify/", section.Name + "-identify");
        made.Add(Own(section, "endpoint", section.Name));
        if (made.Find("match") is null)
        {
            foreach (var host in hosts)
            {
                made.Add(Own(section, "match", host, "remote_hosts"));
            }
        }

        return Of("identify", made);
    }

    private static PjsipObject Registration(ConfigSection section, string host, int number, bool sendsAuth)
    {
        var made = Make(section, "registration/", string.Create(CultureInfo.InvariantCulture, $"{section.Name}-reg-{number}"));
        Pass(section, "outbound_proxy", made);
        var user = sendsAuth ? section["outbound_auth/username"] ?? "" : section.Name;
        made.Add(Own(section, "server_uri", Filled(section["server_uri_pattern"] ?? "sip:${REMOTE_HOST}", host, user), "remote_hosts"));
        made.Add(Own(section, "client_uri", Filled(section["client_uri_pattern"] ?? "sip:${USERNAME}@${REMOTE_HOST}", host, user), "remote_hosts"));
        if (sendsAuth)
        {
            made.Add(Own(section, "outbound_auth", section.Name + "-oauth", "sends_auth"));
        }

        Pass(section, "transport", made);
        if (IsTrue(section, "sends_line_with_registrations"))
        {
            made.Add(Own(section, "line", "yes", "sends_line_with_registrations"));
            made.Add(Own(section, "endpoint", section.Name, "sends_line_with_registrations"));
        }

        return Of("registration", made);
    }

    private static PjsipObject Of(string type, ConfigSection made) => new(type, made.Name, made) { IsFromWizard = true };

    // What is written as "endpoint/context" is the endpoint's context, with the place where it was written.
    private static ConfigSection Make(ConfigSection section, string prefix, string name)
    {
        var made = new ConfigSection(name, isTemplate: false, section.Place);
        foreach (var setting in section.Settings.Where(setting => setting.Name.Length > prefix.Length && setting.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            made.Add(setting with { Name = setting.Name[prefix.Length..] });
        }

        return made;
    }

    private static void Pass(ConfigSection section, string option, ConfigSection made)
    {
        if (section.Find(option) is { Value.Length: > 0 } setting)
        {
            made.Add(setting);
        }
    }

    // A setting that nobody wrote stands where what led to it does.
    private static ConfigSetting Own(ConfigSection section, string name, string value, string? because = null) =>
        new(name, value, (because is null ? null : section.Find(because)?.Place) ?? section.Place, IsInherited: false);

    private static string Filled(string pattern, string host, string user) =>
        pattern.Replace("${REMOTE_HOST}", host, StringComparison.Ordinal).Replace("${USERNAME}", user, StringComparison.Ordinal);

    private static bool IsTrue(ConfigSection section, string option) => AsteriskBool.IsTrue(section[option]);
}
