namespace Ringfence.Core.Pbx;

/// <summary>What an endpoint is for, by what stands around it.</summary>
internal sealed class PjsipPeers
{
    private readonly HashSet<string> _identified;
    private readonly HashSet<string> _lines;
    private readonly PjsipConfig _pjsip;

    private PjsipPeers(PjsipConfig pjsip)
    {
        _pjsip = pjsip;
        _identified = [.. pjsip.Of("identify").Select(static identify => identify["endpoint"]).OfType<string>()];
        _lines = [.. pjsip.Of("registration").Where(static registration => AsteriskBool.IsTrue(registration["line"])).Select(static registration => registration["endpoint"]).OfType<string>()];
    }

    public static PjsipPeers Of(PbxSnapshot pbx) => pbx.Once(static pbx => new PjsipPeers(pbx.Pjsip))!;

    /// <summary>An identify section names it.</summary>
    public bool IsIdentified(PjsipObject endpoint) => _identified.Contains(endpoint.Name);

    /// <summary>A provider or another PBX: known by its address or by a registration there, and nobody registers with it.</summary>
    public bool IsTrunk(PjsipObject endpoint) => (IsIdentified(endpoint) || _lines.Contains(endpoint.Name)) && !IsRegisteredWith(endpoint);

    /// <summary>Somebody logs in with a password and registers.</summary>
    public bool IsPhone(PjsipObject endpoint) => !IsTrunk(endpoint) && HasAuth(endpoint) && IsRegisteredWith(endpoint);

    public static bool HasAuth(PjsipObject endpoint) => endpoint.List("auth").Any();

    public static bool IsAnonymous(PjsipObject endpoint) => endpoint.Name == "anonymous" || endpoint.Name.StartsWith("anonymous@", StringComparison.Ordinal);

    /// <summary>One of its AORs takes registrations. Those of a database are not known, and not counted.</summary>
    public bool IsRegisteredWith(PjsipObject endpoint) => endpoint.List("aors").Any(named => _pjsip.Find("aor", named.Text) is { } aor && MaxContacts(aor) > 0);

    /// <summary>max_contacts; 0 if it is not given, as Asterisk has it.</summary>
    public static uint MaxContacts(PjsipObject aor) => uint.TryParse(aor["max_contacts"], System.Globalization.CultureInfo.InvariantCulture, out var most) ? most : 0;

    /// <summary>The ways in which requests are known to be its own; Asterisk's default where none is given.</summary>
    public static IReadOnlyList<string> IdentifiedBy(PjsipObject endpoint) => Words(endpoint["identify_by"] ?? "username,ip");

    /// <summary>endpoint_identifier_order of [global]; Asterisk's default where it is not given.</summary>
    public static IReadOnlyList<string> Order(PbxSnapshot pbx) =>
        Words(pbx.Pjsip.Of("global").Select(static global => global["endpoint_identifier_order"]).LastOrDefault(static order => order is not null) ?? "ip,username,anonymous");

    private static string[] Words(string text) => text.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
