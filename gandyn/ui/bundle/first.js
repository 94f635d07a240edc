// Made from web/ by "make web": 4b249ebcb9ca0a7c9c929f69cce71e3633b85113ce8403ba92e7bc4b5035d9c5
"use strict";(()=>{var o=()=>matchMedia("(prefers-color-scheme: dark)"),t=e=>(e??"auto")==="auto"?o().matches:e==="dark";function r(e){try{return JSON.parse(localStorage.getItem(`gandyn.${e}`)??"null")}catch{return null}}document.documentElement.dataset.gandynTheme=t(r("theme"))?"dark":"light";})();
