namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>The phone and the provider of the examples: behind them stands the dialplan that matters.</summary>
internal static class ExamplePeers
{
    public const string Phone = """

        ;;; pjsip.conf
        [1001]
        type = endpoint
        context = phones
        """;

    public const string Stranger = """

        ;;; pjsip.conf
        [anonymous]
        type = endpoint
        context = from-outside
        """;

    public const string Trunk = "\n;;; pjsip.conf" + Provider;

    public const string PhoneAndTrunk = Phone + Provider;

    public const string Provider = """

        [trunk]
        type = endpoint
        context = from-trunk
        aors = trunk
        [trunk]
        type = aor
        contact = sip:203.0.113.10
        [trunk]
        type = identify
        endpoint = trunk
        match = 203.0.113.10
        """;
}
