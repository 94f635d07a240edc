// Made from web/ by "make web": 9e1eeb87848fe609d23a9f00a065da53f6432132d53dacc00a2502829064b2d0
"use strict";(()=>{var o=()=>matchMedia("(prefers-color-scheme: dark)"),t=e=>(e??"auto")==="auto"?o().matches:e==="dark";function r(e){try{return JSON.parse(localStorage.getItem(`gandyn.${e}`)??"null")}catch{return null}}document.documentElement.dataset.gandynTheme=t(r("theme"))?"dark":"light";})();
