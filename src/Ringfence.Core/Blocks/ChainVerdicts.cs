namespace Ringfence.Core.Blocks;

/// <summary>What becomes of a packet that goes through a rule to its end.</summary>
internal enum RuleEnd
{
    /// <summary>It goes on to the next rule: counted, logged, marked.</summary>
    None,
    Refuse,
    Accept,
    Return,
    Jump,
    Goto,
}

/// <summary>What becomes of whoever is sent to a chain.</summary>
internal enum ChainVerdict
{
    /// <summary>It refuses nobody, or only for what else a packet is.</summary>
    Open,

    /// <summary>It ends in a refusal, and lets something through before: a service, an answer.</summary>
    RefusesMost,
    RefusesAll,
}

/// <summary>Which chains of a firewall refuse whoever is sent there: a rule that jumps to LOGDROP refuses as well as one that drops.</summary>
internal sealed class ChainVerdicts
{
    // The kernels' own limit is 16 (nft's NFT_JUMP_STACK_SIZE); what is deeper was written by nobody.
    private const int Deepest = 32;

    private readonly Dictionary<string, List<(bool IsConditional, RuleEnd End, string Target)>> _chains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ChainVerdict Verdict, bool MayAccept)> _known = new(StringComparer.Ordinal);

    /// <summary>Adds a chain's next rule.</summary>
    /// <param name="isConditional">Whether not every packet goes through it to its end.</param>
    /// <param name="target">The chain that it jumps or goes to; else "".</param>
    public void Add(string chain, bool isConditional, RuleEnd end, string target = "")
    {
        if (!_chains.TryGetValue(chain, out var rules))
        {
            _chains[chain] = rules = [];
        }

        rules.Add((isConditional, end, target));
    }

    public ChainVerdict Of(string chain) => Look(chain, 0).Verdict;

    private (ChainVerdict Verdict, bool MayAccept) Look(string chain, int depth)
    {
        if (_known.TryGetValue(chain, out var known))
        {
            return known;
        }

        if (depth > Deepest || !_chains.TryGetValue(chain, out var rules))
        {
            return (ChainVerdict.Open, false);
        }

        // No kernel takes a loop; a text may hold one.
        _known[chain] = (ChainVerdict.Open, false);
        var mayAccept = false;
        var mayLeave = false;
        ChainVerdict? verdict = null;
        foreach (var (isConditional, end, target) in rules)
        {
            var there = end is RuleEnd.Jump or RuleEnd.Goto ? Look(target, depth + 1) : (ChainVerdict.Open, end == RuleEnd.Accept);
            var refuses = end == RuleEnd.Refuse ? ChainVerdict.RefusesAll : there.Item1;
            mayAccept |= there.Item2;
            mayLeave |= there.Item2 || end == RuleEnd.Return || (end == RuleEnd.Goto && refuses != ChainVerdict.RefusesAll);
            if (isConditional)
            {
                continue;
            }

            if (refuses != ChainVerdict.Open)
            {
                verdict = mayLeave ? ChainVerdict.RefusesMost : refuses;
                break;
            }

            if (end is RuleEnd.Accept or RuleEnd.Return or RuleEnd.Goto)
            {
                break;
            }
        }

        return _known[chain] = (verdict ?? ChainVerdict.Open, mayAccept);
    }
}
