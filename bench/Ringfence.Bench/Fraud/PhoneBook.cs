using Ringfence.Bench.Logs;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Bench.Fraud;

/// <summary>Numbers of the world that might be somebody's, as they are dialled in Germany, with what a call to them costs.</summary>
internal sealed class PhoneBook
{
    public const string Home = "DE";

    // Beginnings of numbers, and how many digits stand behind them; "m" behind a name: mobiles. Which of what comes out are valid the number plan says.
    private static readonly Dictionary<string, string[]> Ranges = new(StringComparer.Ordinal)
    {
        ["DE"] = ["4930 7", "4989 8", "4940 8", "49221 7", "49711 7", "498152 5", "499131 6"],
        ["DEm"] = ["491511 7", "49170 7", "49171 7", "49176 8", "491590 7"],
        ["DE0900"] = ["49900 7"],
        ["DE0180"] = ["491805 6", "491803 6"],
        ["DE0800"] = ["49800 7"],
        ["AT"] = ["431 7", "43662 6"],
        ["ATm"] = ["43664 7", "43676 7"],
        ["CH"] = ["4144 7", "4122 7"],
        ["CHm"] = ["4179 7"],
        ["FR"] = ["331 8", "334 8"],
        ["FRm"] = ["336 8"],
        ["IT"] = ["3902 8", "3906 8"],
        ["ITm"] = ["39347 7"],
        ["NL"] = ["3120 7", "3110 7"],
        ["GB"] = ["4420 8", "44161 7"],
        ["GBm"] = ["447911 6", "447700 6"],
        ["PL"] = ["4822 7"],
        ["CZ"] = ["4202 8"],
        ["ES"] = ["3491 7"],
        ["SE"] = ["468 8"],
        ["US"] = ["1212 7", "1408 7", "1312 7"],
        ["CN"] = ["8621 8", "8610 8"],
        ["CNm"] = ["86138 8"],
        ["HK"] = ["8522 7"],
        ["VNm"] = ["8490 7"],
        ["IN"] = ["9111 8"],
        ["INm"] = ["9198 8"],
        ["TR"] = ["90212 7"],
        ["TRm"] = ["90532 7"],
        ["JP"] = ["813 8"],
        ["BR"] = ["55113 7"],
        ["UAm"] = ["38067 7"],
        ["PHm"] = ["63917 7"],
        ["NGm"] = ["234803 7"],
        ["PA"] = ["5072 6"],
        // What the risk deck has as high, and business has all the same.
        ["BA"] = ["38733 6"],
        ["BAm"] = ["38761 6"],
        ["LB"] = ["9611 6"],
        ["LBm"] = ["9613 6"],
        ["RS"] = ["38111 7"],
        ["RSm"] = ["38163 7"],
        ["AL"] = ["3554 7"],
        ["ALm"] = ["35569 7"],
        ["XKm"] = ["38344 6"],
        ["LV"] = ["3716 7"],
        ["LVm"] = ["3712 7"],
        ["LT"] = ["3705 7"],
        ["EE"] = ["3726 6"],
        ["TN"] = ["21671 6"],
        ["TNm"] = ["21620 6"],
        ["MA"] = ["2125 8"],
        ["MAm"] = ["2126 8"],
        ["BY"] = ["37517 7"],
        ["GE"] = ["995322 6"],
        ["LR"] = ["23177 7"],
        ["MV"] = ["9606 6", "9603 6"],
        ["CU"] = ["537 7"],
        ["DO"] = ["1809 7"],
        ["SC"] = ["2484 6"],
        ["JM"] = ["1876 7"],
        ["GD"] = ["1473 7"],
        ["SL"] = ["23276 6", "23225 6"],
        ["SO"] = ["25261 7"],
        ["GM"] = ["2207 6", "2203 6"],
        ["ZW"] = ["26377 7"],
        ["SAT"] = ["87077 7", "881631 6", "881651 6"],
        ["IPRS"] = ["979 9"],
    };

    private readonly DiallingRules _rules = new(NumberPlans.BuiltIn.Of(Home)!, []);
    private readonly Tariff _tariff = new(null, Home);
    private readonly Dictionary<string, (DialledNumber Number, Price Price)> _read = new(StringComparer.Ordinal);

    /// <returns>As it is dialled: "0891234567", "0023276123456".</returns>
    public string New(string range, SplitMix random)
    {
        for (var tries = 0; tries < 2000; tries++)
        {
            var row = Ranges[range][random.Below(Ranges[range].Length)].Split(' ');
            var digits = row[0] + Digits(random, int.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture));
            var dialled = digits.StartsWith("49", StringComparison.Ordinal) ? "0" + digits[2..] : "00" + digits;
            if (Read(dialled).Number.Number is { IsValid: true })
            {
                return dialled;
            }

            _read.Remove(dialled);
        }

        throw new InvalidOperationException($"{range}: no valid number in 2,000; its rows are wrong");
    }

    /// <summary>In a country's plan, in a range that nobody was given.</summary>
    public string Unallocated(string prefix, int length, SplitMix random)
    {
        for (var tries = 0; tries < 5000; tries++)
        {
            var dialled = "00" + prefix + Digits(random, length);
            if (Read(dialled).Number.Number.Validity == NumberValidity.Unallocated)
            {
                return dialled;
            }

            _read.Remove(dialled);
        }

        throw new InvalidOperationException($"{prefix}: no unallocated number of {length} digits behind it");
    }

    public PastCall Call(string id, long at, string extension, string dialled, long ring, long talk, CallOrigin origin = CallOrigin.Phone, string caller = "", string did = "")
    {
        var (number, price) = Read(dialled);
        return new PastCall(id, new CallAttempt(at, extension, caller, "trunk", did, "", number, price, origin), ring, talk);
    }

    private (DialledNumber Number, Price Price) Read(string dialled)
    {
        if (!_read.TryGetValue(dialled, out var read))
        {
            var number = _rules.Read(dialled, NumberPlans.BuiltIn);
            read = (number, number.Kind == DialledKind.Outside ? _tariff.For(number.Number) : new Price(new Rate("", "", 0), new RiskClass("", 0, 0, 0), IsOfDeck: false));
            _read[dialled] = read;
        }

        return read;
    }

    private static string Digits(SplitMix random, int count) => string.Create(count, random, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = (char)('0' + from.Below(10));
        }
    });
}
